// The lines that are kept, as entries in the order of their times. An entry is a line, the lines of one call, or a gap.
import { failed } from "./logs_words.js";

/** How many lines are kept. Older ones are let go, and counted. */
export const limit = 100_000;

// A byte that a terminal would obey, and marks that turn the direction of text: neither may be seen as what it is not.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const clean = (text) => (text ? text.replace(unseen, "\ufffd") : "");

export class Store {
  entries = [];
  lines = 0;
  letGo = 0;
  gaps = 0; // lines that gaps count, as far as they are counted
  #ids = new Set();
  #calls = new Map(); // of a group's id to its entry
  #emptied = false; // an entry has no lines any more
  #strings = new Map(); // fields repeat: one copy of each value is kept

  /** Takes lines as they come. A line that is there already is left out. Returns the entries that have them. */
  add(lines) {
    const fresh = [];
    const touched = new Set();
    for (const raw of lines) {
      if (this.#ids.has(raw.id)) continue;
      const line = this.#keep(raw);
      let entry = line.group && this.#calls.get(line.group);
      if (entry) {
        insert(entry, line);
      } else {
        fresh.push((entry = makeEntry(line.ms, null)));
        insert(entry, line);
        if (line.group) this.#calls.set(line.group, entry);
      }
      touched.add(entry);
      for (const group of raw.merged ?? []) this.#merge(entry, this.#calls.get(group), group);
    }
    this.#place(fresh);
    if (this.#emptied) this.#dropEmpty();
    return touched;
  }

  /** Takes a gap: lines that were not sent. */
  addGap(gap) {
    const entry = makeEntry(Date.parse(gap.from ?? gap.to ?? "") || this.newest, gap);
    if (gap.dropped > 0) this.gaps += gap.dropped;
    this.#place([entry]);
  }

  /** Takes a gap away, whose lines were loaded. */
  removeGap(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    if (entry.gap.dropped > 0) this.gaps -= entry.gap.dropped;
  }

  /** Lets the oldest lines go when there are more than are kept. */
  trim() {
    let gone = 0;
    while (this.lines > limit && gone < this.entries.length) {
      const entry = this.entries[gone];
      for (const line of entry.lines) {
        this.#ids.delete(line.id);
        this.#calls.delete(line.group);
      }
      this.lines -= entry.lines.length;
      this.letGo += entry.lines.length;
      gone += 1;
    }
    if (gone > 0) this.entries.splice(0, gone);
  }

  /** Tells that each line that comes makes an old one go. */
  get full() {
    return this.lines >= limit;
  }

  /** Finds a line by its id; null if it is not kept. */
  find(id) {
    if (!this.#ids.has(id)) return null;
    for (const entry of this.entries) {
      const line = entry.lines.find((candidate) => candidate.id === id);
      if (line) return line;
    }
    return null;
  }

  /** The times of the oldest and the newest entry, in milliseconds; NaN while there is none. */
  get oldest() {
    return this.entries[0]?.time ?? NaN;
  }

  get newest() {
    return this.entries.at(-1)?.time ?? NaN;
  }

  #keep(raw) {
    const fields = {};
    for (const [name, value] of Object.entries(raw.fields ?? {})) fields[this.#one(clean(name))] = typeof value === "string" ? this.#one(clean(value)) : value;
    const line = {
      id: raw.id, time: raw.time, ms: Date.parse(raw.time), source: this.#one(clean(raw.source)), container: this.#one(clean(raw.container)), node: this.#one(clean(raw.node)),
      level: raw.level ?? "", raw: clean(raw.raw), kind: raw.kind ?? "plain", message: clean(raw.message), fields, explain: explanation(raw.explain),
      group: raw.group ?? "", ofCall: raw.ofCall ?? "", late: Boolean(raw.late), cut: raw.cut ?? 0, failed: false, entry: null, tested: 0, shown: true, markedBy: null, marked: false,
    };
    line.failed = failed(line);
    this.#ids.add(line.id);
    this.lines += 1;
    return line;
  }

  // Two groups turn out to be one call: the later one's lines join the other's.
  #merge(entry, other, group) {
    this.#calls.set(group, entry);
    if (!other || other === entry) return;
    for (const line of other.lines) insert(entry, line);
    other.lines = [];
    this.#emptied = true;
  }

  #dropEmpty() {
    this.entries = this.entries.filter((entry) => entry.gap || entry.lines.length > 0);
    this.#emptied = false;
  }

  #one(text) {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    if (this.#strings.size > 20_000) this.#strings.clear();
    this.#strings.set(text, text);
    return text;
  }

  // Lines come in the order of their times but for late ones, which are marked and stay where they come, and for loaded
  // ones and those of a source that was added, which go where they belong.
  #place(fresh) {
    const early = [];
    for (const entry of fresh) {
      if (entry.time < this.newest && !entry.lines[0]?.late) early.push(entry);
      else this.entries.push(entry);
    }
    if (early.length > 0) this.entries = merge(this.entries, early.sort((a, b) => a.time - b.time));
  }
}

function explanation(given) {
  if (!given || (!given.code && !given.text)) return null;
  return { ...given, text: clean(given.text), look: clean(given.look) };
}

const makeEntry = (time, gap) => ({ lines: [], time, gap, open: false, version: 0, tested: 0, shown: true, other: false });

function insert(entry, line) {
  let at = entry.lines.length;
  while (at > 0 && entry.lines[at - 1].ms > line.ms) at -= 1;
  entry.lines.splice(at, 0, line);
  line.entry = entry;
  entry.version += 1;
}

function merge(old, early) {
  const out = [];
  let next = 0;
  for (const entry of old) {
    while (next < early.length && early[next].time < entry.time) out.push(early[next++]);
    out.push(entry);
  }
  return out.concat(early.slice(next));
}
