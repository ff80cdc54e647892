// One chart on a canvas. Cursor and zoom are shared with the other charts of the page.
import uPlot from "uplot";
import { Marks, paintMarks } from "./chart_marks.js";
import { axisTime, clock, written } from "./chart_words.js";

const height = 150;
const dashes = [[], [6, 3], [3, 2], [10, 3, 2, 3], [], [6, 3]]; // colour alone tells no line from another

export class Picture {
  #element;
  #unit;
  #onzoom;
  #plot = null;
  #read;
  #marks = null; // links over the plot; the first picture has them
  #changes = [];
  #lines = [];
  #times = [];

  constructor(element, unit, onzoom) {
    [this.#element, this.#unit, this.#onzoom] = [element, unit, onzoom];
    this.#read = document.createElement("p");
    this.#read.className = "picture-read";
    this.#read.setAttribute("aria-hidden", "true"); // the table says it
    element.append(this.#read);
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#width, height })).observe(element);
  }

  /** Draws lines, or moves on to newer numbers without losing the zoom. */
  show(times, lines, changes, marked) {
    const same = this.#plot && lines.length === this.#lines.length && lines.every((line, i) => line.label === this.#lines[i].label);
    const zoom = same && this.zoomed ? { ...this.#plot.scales.x } : null;
    [this.#times, this.#lines, this.#changes] = [times, lines, changes];
    const data = [times, ...lines.map((line) => line.values)];
    if (!same) {
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(), data, this.#element);
      this.#marks = marked ? new Marks(this.#plot) : null;
    } else {
      this.#plot.batch(() => {
        this.#plot.setData(data);
        if (zoom) this.#plot.setScale("x", { min: zoom.min, max: zoom.max });
      });
    }
    this.#marks?.place(changes);
    this.#readOut();
  }

  /** Whether less than all is shown. */
  get zoomed() {
    const { min, max } = this.#plot.scales.x;
    return min > this.#times[0] || max < this.#times.at(-1);
  }

  showAll() {
    this.#plot?.setScale("x", { min: this.#times[0], max: this.#times.at(-1) });
  }

  repaint() {
    this.#plot?.redraw(false, true);
  }

  get #width() {
    return Math.max(160, this.#element.clientWidth);
  }

  #options() {
    const style = getComputedStyle(this.#element);
    const axis = { stroke: () => style.color, font: `11px ${style.fontFamily}`, grid: { stroke: () => style.borderTopColor, width: 1 }, ticks: { show: false } };
    return {
      width: this.#width,
      height,
      padding: [8, 22, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false }, sync: { key: "history" }, points: { size: 7 } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { y: { range: (_, __, max) => [0, max > 0 ? uPlot.rangeNum(0, max, 0.1, true)[1] : 1] } },
      axes: [
        { ...axis, size: 30, gap: 6, space: 70, values: (u, splits) => splits.map((at) => axisTime(at, u.scales.x.max - u.scales.x.min)) },
        { ...axis, size: 62, gap: 4, space: 30, values: (_, splits) => splits.map((value) => written(value, this.#unit)) },
      ],
      series: [{}, ...this.#lines.map((_, i) => this.#series(i))],
      hooks: {
        setCursor: [() => this.#readOut()],
        setScale: [(_, key) => key === "x" && this.#plot && this.#onzoom()],
        draw: [(u) => (paintMarks(u, this.#changes, style.color), this.#marks?.place(this.#changes))],
      },
    };
  }

  #series(i) {
    return {
      stroke: () => getComputedStyle(this.#lines[i].swatch).color,
      width: 1.75,
      dash: dashes[i % dashes.length],
      spanGaps: false,
      // A number between two gaps is no line, and must be seen all the same.
      points: { show: true, size: 4, filter: (u, series) => alone(u.data[series]) },
    };
  }

  // The numbers at the cursor.
  #readOut() {
    const at = this.#plot?.cursor.idx;
    this.#read.textContent =
      at == null ? "" : [clock(this.#times[at]), ...this.#lines.map((line) => `${line.label} ${line.values[at] == null ? "–" : written(line.values[at], this.#unit)}`)].join("  ·  ");
  }
}

const alone = (values) => [...values.keys()].filter((i) => values[i] != null && values[i - 1] == null && values[i + 1] == null);
