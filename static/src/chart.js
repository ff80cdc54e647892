// Charts of numbers over time. The page has them as tables; this draws them, from the same numbers of the read API.
import { Picture } from "./chart_picture.js";
import { marksOf } from "./chart_marks.js";

const pictures = new WeakMap(); // by element

document.addEventListener("waylight:later", drawAll);
document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-zoom-reset]") && event.target.closest(".history-body");
  for (const element of box?.querySelectorAll("[data-picture]") ?? []) pictures.get(element)?.showAll();
});
// Colours are read from the page when a picture is painted.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
drawAll();

async function drawAll() {
  for (const box of document.querySelectorAll("[data-charts]")) {
    const response = await fetch(box.dataset.charts, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
    if (response?.ok && box.isConnected) draw(box, await response.json());
  }
}

function draw(box, answer) {
  if (!answer.step) return;
  const from = Date.parse(answer.from) / 1000;
  const times = Array.from({ length: Math.round((Date.parse(answer.to) / 1000 - from) / answer.step) + 1 }, (_, i) => from + i * answer.step);
  const marks = marksOf(box.parentElement.parentElement);
  let first = true;
  for (const figure of box.querySelectorAll("[data-figure]")) {
    const chart = answer.charts.find((candidate) => candidate.name === figure.dataset.figure);
    const element = figure.querySelector("[data-picture]");
    if (!chart || !element) continue;
    if (!pictures.has(element)) pictures.set(element, new Picture(element, chart.unit, () => zoomed(box)));
    pictures.get(element).show(times, linesOf(figure, chart, times.length), marks, first);
    first = false;
  }
  zoomed(box);
}

// A line of the table is a line of the picture, in the same colour.
function linesOf(figure, chart, length) {
  return [...figure.querySelectorAll("tr[data-key]")].map((row) => ({
    label: row.querySelector("[data-name]").textContent.trim(),
    swatch: row.querySelector(".swatch"),
    values: chart.series.find((series) => series.name === row.dataset.key)?.values ?? Array(length).fill(null),
  }));
}

function zoomed(box) {
  const any = [...box.querySelectorAll("[data-picture]")].some((element) => pictures.get(element)?.zoomed);
  box.parentElement.querySelector("[data-zoom-reset]").hidden = !any;
}

function repaint() {
  for (const element of document.querySelectorAll("[data-picture]")) pictures.get(element)?.repaint();
}
