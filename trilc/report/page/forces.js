// Bits placed by forces: wires pull, all bits push, and modules hold together.

/** How far apart nodes like to be. */
const ROOM = 27;

/** Relax places in turns, in place, within the discs of their groups; `pinned` is a node that stays, or −1. Time is nodes² for each turn. */
export function relax({ x, y, group, centres, ends, turns, heat, pinned = -1 }) {
  const n = x.length;
  const [fx, fy] = [new Float64Array(n), new Float64Array(n)];
  for (let turn = 0; turn < turns; turn++) {
    const reach = heat * (1 - turn / turns) + 0.4;
    fx.fill(0);
    fy.fill(0);
    for (let a = 0; a < n; a++) {
      for (let b = a + 1; b < n; b++) {
        const [dx, dy] = [x[a] - x[b], y[a] - y[b]];
        const far = Math.hypot(dx, dy) + 0.01;
        if (far > ROOM) continue;
        const push = (0.5 * (ROOM - far)) / far;
        fx[a] += dx * push;
        fy[a] += dy * push;
        fx[b] -= dx * push;
        fy[b] -= dy * push;
      }
    }
    for (let e = 0; e < ends.length; e += 2) {
      const [a, b] = [ends[e], ends[e + 1]];
      const pull = group[a] === group[b] ? 0.012 : 0.0012;
      const [dx, dy] = [(x[b] - x[a]) * pull, (y[b] - y[a]) * pull];
      fx[a] += dx;
      fy[a] += dy;
      fx[b] -= dx;
      fy[b] -= dy;
    }
    for (let a = 0; a < n; a++) {
      fx[a] += (centres[group[a]].x - x[a]) * 0.02;
      fy[a] += (centres[group[a]].y - y[a]) * 0.02;
      if (a === pinned) continue;
      const far = Math.hypot(fx[a], fy[a]);
      const step = far > reach ? reach / far : 1;
      x[a] += fx[a] * step;
      y[a] += fy[a] * step;
      const centre = centres[group[a]];
      const away = Math.hypot(x[a] - centre.x, y[a] - centre.y);
      const room = centre.radius - 6;
      if (away > room) {
        x[a] = centre.x + ((x[a] - centre.x) * room) / away;
        y[a] = centre.y + ((y[a] - centre.y) * room) / away;
      }
    }
  }
}

/** Centres of discs of given radii that do not overlap, near where they would like to be. */
export function spread(centres, radii, gap) {
  for (let turn = 0; turn < 300; turn++) {
    for (let a = 0; a < centres.length; a++) {
      for (let b = a + 1; b < centres.length; b++) {
        const [dx, dy] = [centres[b].x - centres[a].x || 0.01 * (b - a), centres[b].y - centres[a].y || 0.01];
        const far = Math.hypot(dx, dy);
        const lack = radii[a] + radii[b] + gap - far;
        if (lack <= 0) continue;
        const share = radii[b] / (radii[a] + radii[b]);
        const [ux, uy] = [(dx / far) * lack * 0.5, (dy / far) * lack * 0.5];
        centres[a].x -= 2 * ux * share;
        centres[a].y -= 2 * uy * share;
        centres[b].x += 2 * ux * (1 - share);
        centres[b].y += 2 * uy * (1 - share);
      }
      centres[a].x *= 0.997;
      centres[a].y *= 0.997;
    }
  }
  return centres;
}
