// Looking at a plane: drag to move, wheel or pinch to zoom, double click to come nearer.

/** What part of a plane a canvas shows: a point (x, y) is drawn at scale · x + left, scale · y + top. */
export class Camera {
  constructor(canvas, changed) {
    this.scale = 1;
    this.left = 0;
    this.top = 0;
    this.moving = false;
    this.canvas = canvas;
    this.changed = changed;
    this.grab = () => null;
    this.click = () => {};
    this.hover = () => {};
    this.pointers = new Map();
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel", "pointerleave"]) {
      canvas.addEventListener(kind, (event) => this.#point(kind, event));
    }
  }

  /** Show a box [x0, y0, x1, y1] with some room around it. */
  fit([x0, y0, x1, y1], margin = 24) {
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    this.scale = Math.min(
      (width - 2 * margin) / Math.max(1e-6, x1 - x0), (height - 2 * margin) / Math.max(1e-6, y1 - y0),
    );
    this.left = width / 2 - (this.scale * (x0 + x1)) / 2;
    this.top = height / 2 - (this.scale * (y0 + y1)) / 2;
    this.changed();
  }

  /** Put a point into the middle, no farther away than a scale. */
  centre(x, y, scale = this.scale) {
    this.scale = Math.max(this.scale, scale);
    this.left = this.canvas.clientWidth / 2 - this.scale * x;
    this.top = this.canvas.clientHeight / 2 - this.scale * y;
    this.changed();
  }

  /** Zoom about a place of the canvas. */
  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const scale = Math.max(1e-5, Math.min(1e4, this.scale * factor));
    this.left = x - ((x - this.left) * scale) / this.scale;
    this.top = y - ((y - this.top) * scale) / this.scale;
    this.scale = scale;
    this.#settle();
    this.changed();
  }

  /** The point of the plane at a place of the canvas. */
  point(x, y) {
    return [(x - this.left) / this.scale, (y - this.top) / this.scale];
  }

  #settle() {
    this.moving = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.moving = false;
      this.changed();
    }, 140);
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey && !this.canvas.matches(":focus, :active")) return; // the page scrolls on
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0022)), ...this.#place(event));
  }

  #point(kind, event) {
    const [x, y] = this.#place(event);
    if (kind === "pointerdown") {
      this.canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [x, y]);
      this.began = [x, y];
      this.held = this.pointers.size === 1 ? this.grab(x, y) : null;
      this.canvas.classList.add("drag");
      return;
    }
    const last = this.pointers.get(event.pointerId);
    if (kind === "pointermove" && !last) return this.hover(x, y, event);
    if (kind === "pointerleave" && !last) return this.hover(null, null, event);
    if (!last) return;
    if (kind === "pointermove") {
      this.#drag(event.pointerId, last, x, y);
    } else if (kind !== "pointerleave") {
      this.pointers.delete(event.pointerId);
      this.canvas.classList.remove("drag");
      const still = Math.hypot(x - this.began[0], y - this.began[1]) < 5;
      if (kind === "pointerup" && still && !this.pointers.size) this.click(x, y);
      this.held?.drop?.();
      this.held = null;
    }
  }

  #drag(id, last, x, y) {
    this.pointers.set(id, [x, y]);
    if (this.pointers.size === 2) {
      const [other] = [...this.pointers].filter(([key]) => key !== id).map(([, place]) => place);
      const before = Math.hypot(last[0] - other[0], last[1] - other[1]);
      const now = Math.hypot(x - other[0], y - other[1]);
      this.zoom(now / Math.max(1, before), (x + other[0]) / 2, (y + other[1]) / 2);
    } else if (this.held) {
      this.held.move(...this.point(x, y));
    } else {
      this.left += x - last[0];
      this.top += y - last[1];
      this.#settle();
      this.changed();
    }
  }
}
