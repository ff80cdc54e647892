// The bar of what is followed: each source with its state as a colour, a mark and a word.

const worst = ["forbidden", "reconnecting", "ended", "following"];

export class SourcesBar {
  #list;
  #recorded;
  #states = new Map(); // source to container to { state, detail, until }

  constructor(list, recorded) {
    [this.#list, this.#recorded] = [list, recorded];
  }

  /** Takes what the stream says of a source, or of one of its containers. */
  take({ source, container = "", state, detail = "", retryInMs = 0 }) {
    const containers = this.#states.get(source) ?? new Map();
    this.#states.set(source, containers);
    if (container) containers.delete(""); // somebody serves it now
    containers.set(container, { state, detail, until: retryInMs > 0 ? performance.now() + retryInMs : 0 });
    this.paint();
  }

  /** Forgets all states: nothing is heard of them, or the stream begins anew. */
  clear() {
    this.#states.clear();
    this.paint();
  }

  /** Writes the bar, with the seconds until the next try. */
  paint() {
    for (const item of this.#list.children) {
      const states = [...(this.#states.get(item.dataset.source)?.entries() ?? [])];
      const [container, told] = states.sort((a, b) => worst.indexOf(a[1].state) - worst.indexOf(b[1].state))[0] ?? ["", { state: "waiting", detail: "", until: 0 }];
      item.dataset.state = told.state;
      write(item.querySelector("[data-word]"), this.#word(told, states));
      item.title = [container, told.detail].filter(Boolean).join(": ");
    }
  }

  // That the log of a recording ends is no news: it was read.
  #word(told, states) {
    const state = this.#recorded && told.state === "ended" && !told.detail ? "read" : told.state;
    const many = states.filter(([, other]) => other.state === told.state).length;
    const count = states.length > 1 ? ` ${many} of ${states.length}` : "";
    const seconds = Math.ceil((told.until - performance.now()) / 1_000);
    return told.until && seconds > 0 ? `${state}${count}, ${seconds} s` : state + count;
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
