// Tens of thousands of wires as density: every wire spends ink along its length, and pixels show the logarithm of it.

const POINTS = 1_200_000;
const HASTY_POINTS = 250_000;
const HASTY_WIRES = 40_000;

/** A canvas's pixels, as ink in three colours. */
export class Ink {
  /** Begin with nothing on so many pixels. */
  clear(width, height) {
    if (this.width !== width || this.height !== height) {
      [this.width, this.height] = [width, height];
      this.red = new Float32Array(width * height);
      this.green = new Float32Array(width * height);
      this.blue = new Float32Array(width * height);
      this.all = new Float32Array(width * height);
      this.image = new ImageData(width, height);
    } else {
      this.red.fill(0);
      this.green.fill(0);
      this.blue.fill(0);
      this.all.fill(0);
    }
  }

  /**
   * Draw wires, pairs of nodes at px, py, each in the colour of its second node: `shade` is three arrays by node. A
   * `hurried` picture, of those that move, has fewer points.
   */
  wires(ends, px, py, [red, green, blue], weight, hurried) {
    const { width, height, all } = this;
    const many = ends.length / 2;
    const stride = hurried ? Math.max(1, Math.ceil(many / HASTY_WIRES)) : 1;
    const most = Math.max(4, Math.floor(((hurried ? HASTY_POINTS : POINTS) * stride) / Math.max(1, many)));
    for (let e = 0; e < ends.length; e += 2 * stride) {
      const a = ends[e];
      const b = ends[e + 1];
      let x = px[a];
      let y = py[a];
      const dx = px[b] - x;
      const dy = py[b] - y;
      if ((x < 0 && x + dx < 0) || (y < 0 && y + dy < 0) || (x >= width && x + dx >= width) || (y >= height && y + dy >= height)) continue;
      const long = Math.max(Math.abs(dx), Math.abs(dy));
      const steps = Math.max(1, Math.min(most, Math.ceil(long)));
      const ink = (weight * stride * 24) / (steps * (8 + long / steps));
      const sx = dx / steps;
      const sy = dy / steps;
      const start = (e * 0.30901699) % 1;
      x += sx * start;
      y += sy * start;
      const r = ink * red[b];
      const g = ink * green[b];
      const l = ink * blue[b];
      for (let k = 0; k < steps; k++, x += sx, y += sy) {
        if (x >= 0 && y >= 0 && x < width && y < height) {
          const at = (y | 0) * width + (x | 0);
          all[at] += ink;
          this.red[at] += r;
          this.green[at] += g;
          this.blue[at] += l;
        }
      }
    }
  }

  /** Put what is drawn over a paper, [red, green, blue]; returns the image. */
  shown(paper) {
    const { all, red, green, blue } = this;
    const [r, g, b] = paper;
    const out = this.image.data;
    let peak = 0;
    for (let k = 0; k < all.length; k += 7) if (all[k] > peak) peak = all[k];
    const unit = 0.9 / Math.log1p(Math.max(1, peak) * 6);
    for (let k = 0, at = 0; k < all.length; k++, at += 4) {
      const ink = all[k];
      if (ink > 0) {
        const much = Math.min(1, 0.1 + unit * Math.log1p(ink * 6));
        out[at] = r + (red[k] / ink - r) * much;
        out[at + 1] = g + (green[k] / ink - g) * much;
        out[at + 2] = b + (blue[k] / ink - b) * much;
      } else {
        out[at] = r;
        out[at + 1] = g;
        out[at + 2] = b;
      }
      out[at + 3] = 255;
    }
    return this.image;
  }
}
