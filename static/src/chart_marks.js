// Changes beside the lines: a stroke through each picture, and over the first one a link to what changed.

/** The changes that a panel lists, the oldest first. */
export function marksOf(panel) {
  const list = [...panel.querySelectorAll("[data-change]")];
  return list.map((item) => ({ at: Date.parse(item.dataset.change) / 1000, id: item.id, text: item.dataset.changeText })).sort((a, b) => a.at - b.at);
}

/** Strokes on the canvas of a plot. */
export function paintMarks(plot, changes, colour) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const change of inside(plot, changes)) {
    const x = Math.round(plot.valToPos(change.at, "x", true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

// The newest moment of a chart is a step behind; a change after it stands at its end.
function inside(plot, changes) {
  const { min, max } = plot.scales.x;
  const last = plot.data[0].at(-1);
  return changes.map((change) => ({ ...change, at: Math.min(change.at, last) })).filter((change) => change.at >= min && change.at <= max);
}

/** Links over a plot. Those that would cover each other are one, with their number. */
export class Marks {
  #plot;
  #box;
  #shown = "";

  constructor(plot) {
    this.#plot = plot;
    this.#box = document.createElement("div");
    this.#box.className = "picture-marks";
    this.#box.addEventListener("mousedown", (event) => event.stopPropagation()); // a click is no zoom
    plot.over.append(this.#box);
  }

  place(changes) {
    const groups = this.#groups(changes);
    const shown = JSON.stringify(groups);
    if (shown === this.#shown) return; // the focus stays where it is
    this.#shown = shown;
    this.#box.replaceChildren(...groups.map(link));
  }

  #groups(changes) {
    const size = matchMedia("(pointer: coarse)").matches ? 44 : 20;
    const groups = [];
    for (const change of inside(this.#plot, changes)) {
      const x = Math.round(this.#plot.valToPos(change.at, "x"));
      const near = groups.at(-1);
      if (near && x - near.x < size) near.changes.push(change);
      else groups.push({ x, changes: [change] });
    }
    return groups;
  }
}

function link({ x, changes }) {
  const a = document.createElement("a");
  a.className = "picture-mark";
  a.href = `#${changes.at(-1).id}`;
  a.title = changes.map((change) => `${new Date(change.at * 1000).toISOString().slice(11, 16)} UTC ${change.text}`).join("\n");
  a.setAttribute("aria-label", a.title);
  a.textContent = changes.length > 1 ? String(changes.length) : "";
  a.style.left = `${x}px`;
  return a;
}
