// Tens of thousands of wires as density: every wire spends ink along its length, and pixels show the logarithm of it.

const POINTS = 1_500_000;
const HASTE = 260_000;

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

  /** Draw wires, pairs of nodes, of which `shown` are; `hurried` draws fewer points, for pictures that move. */
  wires(ends, shown, px, py, red, green, blue, hurried) {
    const { width, height } = this;
    let seen = 0;
    for (let e = 0; e < ends.length; e += 2) if (!shown || shown[e >> 1]) seen++;
    const budget = hurried ? HASTE : POINTS;
    const stride = hurried && seen > 40_000 ? Math.ceil(seen / 40_000) : 1;
    const most = Math.max(4, Math.floor((budget * stride) / Math.max(1, seen)));
    for (let e = 0; e < ends.length; e += 2 * stride) {
      if (shown && !shown[e >> 1]) continue;
      const [a, b] = [ends[e], ends[e + 1]];
      let [x, y] = [px[a], py[a]];
      const [dx, dy] = [px[b] - x, py[b] - y];
      if ((x < 0 && x + dx < 0) || (y < 0 && y + dy < 0) || (x >= width && x + dx >= width) || (y >= height && y + dy >= height)) continue;
      const long = Math.max(Math.abs(dx), Math.abs(dy));
      const steps = Math.max(1, Math.min(most, Math.ceil(long)));
      const ink = (stride * 24) / (steps * (8 + long / steps));
      const [sx, sy] = [dx / steps, dy / steps];
      const start = (e * 0.30901699) % 1;
      x += sx * start;
      y += sy * start;
      for (let k = 0; k < steps; k++, x += sx, y += sy) {
        if (x >= 0 && y >= 0 && x < width && y < height) {
          const at = (y | 0) * width + (x | 0);
          this.all[at] += ink;
          this.red[at] += ink * red[b];
          this.green[at] += ink * green[b];
          this.blue[at] += ink * blue[b];
        }
      }
    }
  }

  /** Put what is drawn over a paper, [red, green, blue]; returns the image. */
  shown(paper, strength) {
    const { all, red, green, blue } = this;
    const out = this.image.data;
    let peak = 0;
    for (let k = 0; k < all.length; k += 7) if (all[k] > peak) peak = all[k];
    const unit = 0.9 / Math.log1p(Math.max(1, peak) * 6);
    for (let k = 0, at = 0; k < all.length; k++, at += 4) {
      const ink = all[k];
      if (ink > 0) {
        const much = Math.min(1, strength * (0.1 + unit * Math.log1p(ink * 6)));
        out[at] = paper[0] + (red[k] / ink - paper[0]) * much;
        out[at + 1] = paper[1] + (green[k] / ink - paper[1]) * much;
        out[at + 2] = paper[2] + (blue[k] / ink - paper[2]) * much;
      } else {
        out[at] = paper[0];
        out[at + 1] = paper[1];
        out[at + 2] = paper[2];
      }
      out[at + 3] = 255;
    }
    return this.image;
  }
}
