// A list of any length in a box that scrolls: only the rows that can be seen are in the document, and they are used again.

const beyond = 8; // rows above and below what is seen, so that a fast scroll does not show empty space
const settled = 120; // ms without a leap, after which those rows are painted too

export class VirtualList {
  #box; // scrolls
  #sheet; // as tall as all rows
  #make; // makes the element of a row
  #paint; // writes a row into its element
  #pool = [];
  #rows = [];
  #ends = null; // of each row, in units, where rows are not all of one; see set
  #unit = 24; // CSS pixels
  #frame = 0;
  #rest = 0; // timer for rows out of sight
  #painted = [0, 0]; // the rows that are in the document
  #stamp = 0;

  /** Called when somebody scrolled, before anything else can move the box. */
  onscroll = () => {};
  /** Called when the box has another size. */
  onresize = () => {};

  constructor(box, sheet, make, paint) {
    [this.#box, this.#sheet, this.#make, this.#paint] = [box, sheet, make, paint];
    box.addEventListener("scroll", () => (this.onscroll(), this.#soon()), { passive: true });
    new ResizeObserver(() => this.onresize()).observe(box);
  }

  /** Shows rows; unit is the height of one in pixels, ends how many units there are up to the end of each, null for one each. */
  set(rows, unit, ends = null) {
    [this.#rows, this.#unit, this.#ends] = [rows, unit, ends];
    this.#sheet.style.height = `${this.height}px`;
  }

  /** The height of all rows in pixels. */
  get height() {
    const n = this.#rows.length;
    return (this.#ends ? (this.#ends[n - 1] ?? 0) : n) * this.#unit;
  }

  /** The index of the row at the top of what is seen. */
  get first() {
    return this.#at(this.#box.scrollTop);
  }

  /** Where a row begins, in pixels. */
  top(index) {
    return (this.#ends ? (this.#ends[index - 1] ?? 0) : index) * this.#unit;
  }

  /** Tells whether the end of the list is in sight. */
  get atEnd() {
    return this.#box.scrollTop + this.#box.clientHeight >= this.#sheet.offsetTop + this.height - this.#unit;
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** Scrolls no further than it takes to see a row, or to its middle. */
  reveal(index, centred = false) {
    const [top, bottom] = [this.top(index), this.top(index + 1)];
    const head = this.#sheet.offsetTop; // what sticks to the top of the box covers as much
    const seen = this.#box.clientHeight - head;
    if (centred) this.#box.scrollTop = top - seen / 2;
    else if (top < this.#box.scrollTop) this.#box.scrollTop = top;
    else if (bottom > this.#box.scrollTop + seen) this.#box.scrollTop = bottom - seen;
  }

  /** The element that shows a row now, undefined if it is out of sight. */
  element(index) {
    return this.#pool.find((element) => element.index === index && !element.hidden);
  }

  /** Paints all rows in sight anew. */
  refresh() {
    this.#stamp += 1;
    this.paint();
  }

  /**
   * Puts the rows in sight into the document. A row that is there already is not touched. Rows out of sight wait where
   * somebody leaps, since the next leap passes them.
   */
  paint() {
    const [first, last] = [this.first, this.#at(this.#box.scrollTop + this.#box.clientHeight)];
    const leaps = first > this.#painted[1] || last < this.#painted[0];
    this.#show(first - (leaps ? 0 : beyond), last + 1 + (leaps ? 0 : beyond));
    clearTimeout(this.#rest);
    if (leaps) this.#rest = setTimeout(() => this.paint(), settled);
  }

  #show(wantedFrom, wantedTo) {
    const [from, to] = (this.#painted = [Math.max(0, wantedFrom), Math.min(this.#rows.length, wantedTo)]);
    this.#grow(to - from);
    for (let index = from; index < to; index += 1) this.#put(this.#pool[index % this.#pool.length], index);
    for (const element of this.#pool) {
      const away = element.index < from || element.index >= to;
      if (element.hidden !== away) element.hidden = away;
    }
  }

  #put(element, index) {
    const row = this.#rows[index];
    const version = `${row.version ?? 0}.${this.#stamp}`;
    if (element.row === row && element.index === index && element.version === version) return;
    if (element.index !== index || element.version !== version) {
      element.style.top = `${this.top(index)}px`;
      element.style.height = `${this.top(index + 1) - this.top(index)}px`;
    }
    [element.row, element.index, element.version] = [row, index, version];
    this.#paint(element, row, index);
  }

  #grow(wanted) {
    if (this.#pool.length >= wanted) return;
    const before = this.#pool.length;
    for (let i = before; i < wanted + beyond; i += 1) {
      const element = this.#make();
      element.index = -1;
      this.#pool.push(element);
    }
    this.#sheet.append(...this.#pool.slice(before));
    for (const element of this.#pool) element.index = -1; // a row's element follows from the size of the pool
  }

  #at(y) {
    const wanted = Math.max(0, y) / this.#unit;
    const last = Math.max(0, this.#rows.length - 1);
    if (!this.#ends) return Math.min(last, Math.floor(wanted));
    let [low, high] = [0, last];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #soon() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.paint();
    });
  }
}
