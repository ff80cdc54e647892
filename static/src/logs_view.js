// The timeline: what is kept, narrowed by the filter, as rows that stay where the reader looks.
import { VirtualList } from "./logs_list.js";
import { makeRow, paintRow } from "./logs_rows.js";
import { passes } from "./logs_filter.js";

const mostLines = 12; // of one wrapped line; all of it is in its details
const widest = 4_096; // letters that are measured of a wrapped line
const slice = 8; // ms: how long lines are tried against a new filter before something else may happen
const untimed = 8_192; // letters that are tried before the clock is looked at
const early = 500; // rows from the beginning of the list on, which the next ones that are let go may be among

export class Timeline {
  #store;
  #box;
  #list;
  #rows = [];
  #letGo = { letGo: 0, version: 0 };
  #tested = 1; // how often the filter changed
  #testing = false; // lines are being tried against a new one
  #filter;
  #measure = null; // of wrapped text

  /** How the reader wants it; see paintRow. */
  look = { ago: false, wrap: false, mark: null, chosen: null, group: true, only: true };
  /** Whether the newest line is kept in sight. */
  follow = true;
  /** How many lines pass the filter. */
  shownLines = 0;
  /** How many more would, that are hidden because they are of other calls than the one that is asked for. */
  others = 0;
  /** Called when follow changed. */
  onfollow = () => {};
  /** Called when another filter decides what is shown. */
  onfilter = () => {};

  constructor(store, filter, box, sheet) {
    [this.#store, this.#filter, this.#box] = [store, filter, box];
    this.#list = new VirtualList(box, sheet, makeRow, (element, row, index) => paintRow(element, row, index, this.look));
    this.#list.onscroll = () => this.#following(this.#list.atEnd);
    this.#list.onresize = () => this.relayout();
  }

  set filter(filter) {
    this.#filter = filter;
    this.look.mark = filter.mark;
    this.#tested += 1;
    this.#testing = true;
    this.#try(this.#store.entries, 0, this.#tested);
  }

  /** Tells whether somebody reads what would be let go next. */
  get readsOldest() {
    return !this.follow && this.#list.first < early;
  }

  /** Tries entries whose lines became more. */
  take(entries) {
    for (const entry of entries) {
      entry.tested = 0;
      this.#test(entry);
    }
  }

  /** Shows what is kept now. */
  update() {
    if (this.#testing) return;
    const rows = this.#build();
    const anchor = this.#rows[this.#list.first];
    const offset = anchor ? this.#box.scrollTop - this.#list.top(this.#list.first) : 0;
    this.#rows = rows;
    this.#set();
    if (this.follow) this.#list.toEnd();
    else if (anchor) this.#box.scrollTop = this.#list.top(this.#near(anchor)) + offset;
    this.#box.setAttribute("aria-rowcount", String(rows.length + 1));
    this.#list.paint();
    this.#activate();
  }

  /** Paints anew what is in sight, after look changed. */
  refresh() {
    this.#list.refresh();
    this.#activate();
  }

  /** Measures anew, after the box or the kind of rows changed. */
  relayout() {
    const at = this.#rows[this.#list.first];
    const chosen = this.#rows.indexOf(this.look.chosen);
    this.#measure = null;
    this.#set();
    if (this.follow) this.#list.toEnd();
    else if (at) this.#box.scrollTop = this.#list.top(this.#rows.indexOf(at));
    // Details that open beside the lines make rows higher, and what was opened must stay in sight.
    if (!this.follow && this.#list.element(chosen)) this.#list.reveal(chosen);
    this.refresh();
  }

  /** Goes to the newest line and stays there. */
  toNewest() {
    this.#following(true);
    this.#list.toEnd();
    this.#list.paint();
  }

  /** Shows the first row at or after a moment, in the middle. */
  toTime(moment) {
    const index = this.#rows.findIndex((row) => timeOf(row) >= moment);
    this.#following(false);
    this.#list.reveal(index < 0 ? this.#rows.length - 1 : index, true);
    this.choose(this.#rows[index < 0 ? this.#rows.length - 1 : index]);
  }

  /** Shows a line, in the middle; false if the filter hides it. */
  toLine(line) {
    if (this.look.group && line.entry.lines.length > 1 && !line.entry.open) this.toggle(line.entry, true);
    const index = this.#rows.indexOf(this.look.group && line.entry.lines.length === 1 ? line.entry : line);
    if (index < 0) return false;
    this.#following(false);
    this.#list.reveal(index, true);
    this.choose(this.#rows[index]);
    return true;
  }

  /** Chooses the next row, or by as many. */
  step(by) {
    const at = this.#rows.indexOf(this.look.chosen);
    const from = at < 0 ? (by > 0 ? this.#list.first - 1 : this.#rows.length) : at;
    const index = Math.min(this.#rows.length - 1, Math.max(0, from + by));
    if (!this.#rows[index]) return;
    if (index < this.#rows.length - 1) this.#following(false);
    this.#list.reveal(index);
    this.choose(this.#rows[index]);
  }

  choose(row) {
    this.look.chosen = row;
    this.refresh();
  }

  /** Opens the lines of a call, or closes them. */
  toggle(entry, open = !entry.open) {
    if (!entry?.lines || entry.lines.length < 2) return false;
    entry.open = open;
    entry.version += 1;
    this.update();
    return true;
  }

  /** The row of an element in the list. */
  rowOf(element) {
    return this.#rows[element.closest(".logs-row")?.index];
  }

  /** Tells whether a line is among those shown. */
  shows = (line) => !(this.look.only && line.entry.other) && (this.look.group || this.#passes(line));

  // Tries what is kept from an index on, a while at a time. What passed the filter before is in sight until all was tried.
  #try(entries, from, filter) {
    if (filter !== this.#tested) return; // there is another one by now
    const until = performance.now() + slice;
    let at = from;
    for (let letters = 0; at < entries.length && (letters < untimed || performance.now() < until); at += 1) {
      if (letters >= untimed) letters = 0;
      for (const line of entries[at].lines) {
        this.#passes(line);
        letters += line.raw.length;
      }
    }
    if (at < entries.length) return setTimeout(() => this.#try(entries, at, filter));
    this.#testing = false;
    this.update();
    this.refresh();
    this.onfilter();
  }

  // Each line is tried once against each filter.
  #passes = (line) => {
    if (line.tested !== this.#tested) {
      line.tested = this.#tested;
      line.shown = passes(this.#filter, line);
    }
    return line.shown;
  };

  #build() {
    const rows = [];
    this.shownLines = this.others = 0;
    if (this.#store.letGo !== this.#letGo.letGo) Object.assign(this.#letGo, { letGo: this.#store.letGo, version: this.#store.letGo });
    if (this.#letGo.letGo) rows.push(this.#letGo);
    const add = this.look.group ? this.#addEntry : this.#addLines;
    for (const entry of this.#store.entries) add.call(this, rows, entry);
    if (!this.look.group) rows.sort((a, b) => timeOf(a) - timeOf(b));
    return rows;
  }

  #addEntry(rows, entry) {
    if (!this.#test(entry) || this.#hides(entry, entry.lines.length)) return;
    rows.push(entry);
    this.shownLines += entry.lines.length;
    if (entry.open) for (const line of entry.lines) rows.push(line);
  }

  #addLines(rows, entry) {
    if (entry.gap) rows.push(entry);
    if (!this.#test(entry) || this.#hides(entry, entry.lines.filter((line) => line.shown).length)) return;
    for (const line of entry.lines) {
      if (!line.shown) continue;
      rows.push(line);
      this.shownLines += 1;
    }
  }

  #test(entry) {
    if (entry.gap || entry.tested === this.#tested) return entry.shown;
    entry.tested = this.#tested;
    entry.shown = entry.lines.filter(this.#passes).length > 0;
    entry.other = ofOtherCall(entry.lines);
    return entry.shown;
  }

  #hides(entry, lines) {
    if (!entry.other || !this.look.only) return false;
    this.others += lines;
    return true;
  }

  // Every row is of the same height but for wrapped lines, whose height follows from their length: nothing is laid out
  // to be measured.
  #set() {
    this.#measure ??= measure(this.#box);
    const { row, line, head, chars } = this.#measure;
    if (!this.look.wrap) return this.#list.set(this.#rows, row);
    let end = 0;
    const ends = this.#rows.map((each) => (end += head + line * linesOf(each, chars)));
    this.#list.set(this.#rows, 1, ends);
  }

  // The row that was at the top, else the first after it: it may have been let go, or filtered out.
  #near(anchor) {
    const index = this.#rows.indexOf(anchor);
    if (index >= 0) return index;
    const later = this.#rows.findIndex((row) => timeOf(row) >= timeOf(anchor));
    return later < 0 ? Math.max(0, this.#rows.length - 1) : later;
  }

  #following(follow) {
    if (this.follow === follow) return;
    this.follow = follow;
    this.onfollow();
  }

  #activate() {
    const at = this.look.chosen ? this.#rows.indexOf(this.look.chosen) : -1;
    if (at >= 0 && this.#list.element(at)) this.#box.setAttribute("aria-activedescendant", `logs-row-${at}`);
    else this.#box.removeAttribute("aria-activedescendant");
  }
}

// Lines of one call are of the call that is asked for if one of them says so, and of another if one says that.
function ofOtherCall(lines) {
  return lines.some((line) => line.ofCall === "no") && !lines.some((line) => line.ofCall === "yes");
}

const timeOf = (row) => row.time && typeof row.time === "number" ? row.time : (row.ms ?? -Infinity);

function linesOf(row, chars) {
  const raw = row.raw ?? row.lines?.[0]?.raw ?? "";
  return Math.min(mostLines, Math.max(1, Math.ceil((row.wide ??= width(raw.slice(0, widest))) / chars)));
}

// Letters beyond Latin may be two columns wide.
const width = (text) => text.length + (/[^\u0000-\u02ff]/.test(text) ? text.replace(/[\u0000-\u02ff]/g, "").length : 0);

// The heights of rows are the stylesheet's; how many letters fit is tried out.
function measure(box) {
  const probe = makeRow();
  probe.classList.add("logs-whole", "logs-probe");
  const text = document.createElement("span");
  text.textContent = "0".repeat(100);
  probe.cells.meaning.append(text);
  box.append(probe);
  const style = getComputedStyle(probe);
  const found = {
    row: parseFloat(style.getPropertyValue("--logs-row")),
    line: parseFloat(style.getPropertyValue("--logs-line")),
    head: parseFloat(style.getPropertyValue("--logs-wrap-head")),
    chars: Math.max(10, Math.floor(probe.cells.meaning.clientWidth / (text.getBoundingClientRect().width / 100))),
  };
  probe.remove();
  return found;
}
