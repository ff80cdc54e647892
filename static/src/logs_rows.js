// One row of the timeline: a line, the lines of one call, one of these, or a gap. All text is put in as text.
import { machine, relative } from "./time.js";
import { limit } from "./logs_store.js";
import { bytes, call, decisive, meaning, missing, place, role, took, verdict } from "./logs_words.js";

const mostMarks = 100; // in one text
const forMarks = 5; // ms: how long a text is looked through for more of them
const seen = 4_096; // letters of a line that a row has room for

const cells = ["time", "where", "call", "verdict", "meaning", "took", "bytes"];

/** Makes the element of a row; paintRow fills it. */
export function makeRow() {
  const row = document.createElement("div");
  row.className = "logs-row";
  row.setAttribute("role", "row");
  row.cells = {};
  for (const name of cells) {
    const cell = document.createElement("span");
    cell.className = `logs-${name}`;
    cell.setAttribute("role", "gridcell");
    row.cells[name] = row.appendChild(cell);
  }
  return row;
}

/**
 * Writes a row into its element. look is how the reader wants it: { ago: relative times, wrap: whole lines, mark: an
 * expression to highlight, chosen: the row that is chosen }.
 */
export function paintRow(element, row, index, look) {
  element.id = `logs-row-${index}`;
  element.setAttribute("aria-rowindex", String(index + 2)); // the head is the first
  element.setAttribute("aria-selected", String(row === look.chosen));
  if (row.letGo) paintNote(element, `${row.letGo.toLocaleString("en")} older lines were let go: no more than ${limit.toLocaleString("en")} are kept.`);
  else if (row.gap) paintGap(element, row);
  else paintLine(element, row, look);
}

function paintNote(element, text) {
  element.className = "logs-row logs-note";
  for (const name of cells) say(element.cells[name], name === "meaning" ? text : "");
}

function paintGap(element, entry) {
  element.className = "logs-row logs-gap";
  for (const name of cells) say(element.cells[name], "");
  say(element.cells.time, clock(entry.time));
  say(element.cells.meaning, `${missing(entry.gap)} `);
  if (entry.gap.from && entry.gap.to) element.cells.meaning.append(loader(entry.gap));
}

function loader(gap) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "logs-load";
  button.disabled = Boolean(gap.loading);
  button.textContent = gap.loading ? "loading" : "load";
  return button;
}

function paintLine(element, row, look) {
  const member = look.group && !row.lines; // a line of an opened group
  const lines = row.lines ?? [row];
  const line = member ? row : decisive(lines);
  const told = verdict(line);
  const whole = look.wrap || !call(line);
  const classes = ["logs-row", `logs-${told.tone}`];
  if (whole) classes.push("logs-whole");
  if (lines.length > 1) classes.push(row.open ? "logs-open" : "logs-closed");
  if (member) classes.push("logs-member");
  if (line.late) classes.push("logs-late");
  if (lines.some((one) => marked(one, look.mark))) classes.push("logs-marked");
  element.className = classes.join(" ");
  say(element.cells.time, moment(line, look));
  paintWhere(element.cells.where, lines, line, member);
  if (whole) say(element.cells.call, "");
  else paintCall(element.cells.call, line);
  say(element.cells.verdict, told.word);
  paintText(element.cells.meaning, (look.wrap ? line.raw : whole ? said(line) : meaning(line)).slice(0, seen), look.mark);
  if (line.explain?.code && !look.wrap) element.cells.meaning.prepend(span("logs-code", line.explain.code));
  element.cells.meaning.title = line.explain?.look ?? "";
  say(element.cells.took, whole ? "" : took(line));
  say(element.cells.bytes, whole ? "" : bytes(line));
}

function said(line) {
  const words = line.message || line.raw;
  return line.explain?.text ? `${line.explain.text} · ${words}` : words;
}

function paintWhere(cell, lines, line, member) {
  const part = document.createElement("b");
  const [side, ...program] = role(line).split(" ");
  part.append(side, span("logs-wide", program.map((word) => ` ${word}`).join("")));
  const tags = [];
  if (lines.length > 1) tags.push(span("logs-tag logs-many", `${lines.length}×`));
  if (member && line === decisive(line.entry.lines) && line.failed) tags.push(span("logs-tag", "decides"));
  if (line.late) tags.push(span("logs-tag", "late"));
  cell.replaceChildren(part, ...tags, ...split(place(line), 12));
  cell.title = lines.length > 1 ? `${lines.length} lines of one call, this one by ${line.container}` : line.container;
}

// Who is called is never cut before who calls.
function paintCall(cell, line) {
  const text = call(line);
  const [from, to] = text.split(" → ");
  cell.title = text;
  if (!to) return say(cell, text);
  const end = document.createElement("span");
  end.textContent = ` → ${to}`;
  cell.replaceChildren(...split(from, 6), end);
}

// The distinguishing end of a name is never cut: the beginning gives way.
function split(name, tail) {
  const [head, end] = [document.createElement("span"), document.createElement("i")];
  head.textContent = name.slice(0, -tail);
  end.textContent = name.slice(-tail);
  return [head, end];
}

function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

/** Writes text with what an expression finds marked, as far as that takes no time: all of a line can be found in parts. */
export function paintText(element, text, expression) {
  element.title = "";
  const found = expression ? marks(expression, text) : [];
  if (found.length === 0) return say(element, text);
  element.replaceChildren();
  let at = 0;
  for (const [from, to] of found) {
    const mark = document.createElement("mark");
    mark.textContent = text.slice(from, to);
    element.append(text.slice(at, from), mark);
    at = to;
  }
  element.append(text.slice(at));
}

function marks(expression, text) {
  const found = [];
  const until = performance.now() + forMarks;
  for (const [from, to] of expression.finds(text)) {
    if (to > from) found.push([from, to]);
    if (found.length >= mostMarks || performance.now() > until) break;
  }
  return found;
}

// Tells whether a line has what is highlighted. The answer is kept: a row is painted whenever it comes into sight.
function marked(line, expression) {
  if (line.markedBy !== expression) [line.markedBy, line.marked] = [expression, Boolean(expression?.test(line.raw))];
  return line.marked;
}

function say(element, text) {
  if (element.childElementCount === 0 && element.textContent === text) return;
  element.textContent = text;
}

const moment = (line, look) => (look.ago ? relative(line.ms) : clock(line.ms));
const clock = (ms) => (Number.isNaN(ms) ? "" : new Date(ms).toISOString().slice(11, 23));

/** The full moment of a line, to the digit it was written with. */
export const fullTime = (line) => line.time || machine(line.ms);
