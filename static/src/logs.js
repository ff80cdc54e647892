// The page of logs: the stream, what is kept of it, and what a reader does with it. Without this file the page shows the
// newest lines as the server found them.
import { say } from "./copy.js";
import { Store, limit } from "./logs_store.js";
import { LogSocket, readRange } from "./logs_socket.js";
import { SourcesBar } from "./logs_sources.js";
import { Timeline } from "./logs_view.js";
import { everything } from "./logs_filter.js";
import { startFilter } from "./logs_form.js";
import { fromStart, startTools } from "./logs_tools.js";
import { Details } from "./logs_detail.js";

const held = 20_000; // lines that wait in the page while it is paused; the server counts what comes after
const perFrame = 3_000; // lines taken in between two frames
const atOnce = 250; // lines taken in before the clock is looked at
const inFrame = 10; // ms of a frame that taking in lines may cost
const inTab = 200; // the same for a tab that is hidden

/** Starts the stream where the page has one. */
export function startLogs() {
  const root = document.getElementById("logs");
  if (root?.dataset.follow) new LogsPage(root);
  else if (root) document.addEventListener("waylight:morphed", startLogs, { once: true }); // until what is asked for is known
}

class LogsPage {
  #root;
  #queue = []; // messages that are not on the page yet
  #waiting = 0; // lines among them
  #frame = 0;
  #holding = false; // the server was asked to pause
  #wanted; // the id of the line a link leads to
  #warned = false; // that lines somebody reads would be let go

  paused = false;
  store = new Store();

  constructor(root) {
    this.#root = root;
    const live = root.querySelector("#logs-live");
    const box = live.querySelector(".logs-box");
    this.view = new Timeline(this.store, everything, box, box.querySelector(".logs-sheet"));
    this.bar = new SourcesBar(root.querySelector("[data-sources]"), "recorded" in root.dataset);
    this.socket = new LogSocket((news) => this.#hear(news));
    this.details = new Details(live.querySelector("[data-detail-panel]"), this);
    this.#wanted = new URLSearchParams(location.search).get("line") ?? "";
    this.view.follow = !this.#wanted && location.hash !== fromStart;
    this.view.onfilter = () => this.tell();
    startTools(live, box, this);
    box.addEventListener("click", (event) => event.target.closest(".logs-load") && this.#load(this.view.rowOf(event.target)));
    document.addEventListener("waylight:morphed", () => this.#morphed());
    setInterval(() => this.#everySecond(), 1_000);
    this.#follow();
  }

  // Nothing is shown that the filter of the address hides, however long it takes to read that.
  async #follow() {
    await startFilter(this.#root, (filter) => (this.view.filter = filter));
    this.socket.open(this.#root.dataset.follow, this.#root.dataset.since, "recorded" in this.#root.dataset);
  }

  /** Stops taking lines in, or goes on. */
  togglePause() {
    this.paused = !this.paused;
    if (!this.paused) {
      this.#letGo();
      this.#soon();
    }
    this.tell();
  }

  /** Writes what the stream does, and how much is shown. */
  tell() {
    write(this.#part("status"), this.#status());
    write(this.#part("countdown"), this.#countdown());
    this.#part("retry").hidden = !["waiting", "ended", "refused"].includes(this.socket.state) || "recorded" in this.#root.dataset;
    this.#root.dataset.stream = this.paused ? "paused" : this.socket.state;
    this.#part("empty").hidden = this.view.shownLines > 0 || this.socket.state === "connecting";
    write(this.#part("empty"), this.#empty());
    this.#tellCounts();
  }

  // What the server found is counted by itself, as long as it stands there.
  #tellCounts() {
    if (this.#part("still")?.childElementCount > 0) return;
    write(this.#part("count"), this.#count());
    write(this.#part("others"), this.view.look.only ? `${linesOf(this.view.others)} of other calls hidden` : "lines of other calls are shown too");
  }

  #empty() {
    if (this.store.lines === 0) return "No line since then from what is followed. New ones appear by themselves.";
    if (this.view.others > 0) return `No line of this call; ${linesOf(this.view.others)} of other calls hidden.`;
    return `None of ${linesOf(this.store.lines)} passes the filter.`;
  }

  #part(name) {
    return this.#root.querySelector(`[data-logs-${name}]`);
  }

  #hear({ lines, gap, source, state }) {
    if (lines || gap) {
      this.#queue.push(lines ? { lines, from: 0 } : { gap });
      this.#waiting += lines?.length ?? 0;
      if (this.#waiting > (this.paused ? held : limit)) this.#hold();
      if (!this.paused) return this.#soon();
    }
    if (source) this.bar.take(source);
    if (["connecting", "waiting", "refused"].includes(state)) this.bar.clear();
    if (state === "open" && this.#holding) this.socket.pause(true);
    this.tell();
  }

  // Lines wait here when the page is paused, or when its filter takes longer than they come.
  #hold() {
    if (this.#holding) return;
    this.#holding = true;
    this.socket.pause(true);
  }

  #letGo() {
    if (!this.#holding) return;
    this.#holding = false;
    this.socket.pause(false);
  }

  // A frame is not drawn for a hidden tab, where lines still come in, and a timer is late by up to a minute.
  #soon() {
    if (document.hidden && this.#waiting > perFrame) return this.#take();
    if (this.#frame) return;
    const take = () => ((this.#frame = 0), this.#take());
    this.#frame = document.hidden ? setTimeout(take, 200) : requestAnimationFrame(take);
  }

  #take() {
    if (this.paused) return;
    if (this.#mustKeep()) return;
    this.#takeWhile(performance.now() + (document.hidden ? inTab : inFrame));
    if (this.#waiting < held / 2) this.#letGo();
    this.store.trim();
    this.#begin();
    this.view.update();
    this.#lead();
    if (this.#queue.length > 0) this.#soon();
    this.tell();
  }

  // What somebody reads is not let go under their eyes, unless they go on in spite of being told.
  #mustKeep() {
    const reads = this.store.full && this.view.readsOldest;
    if (!reads || this.#warned) {
      this.#warned &&= reads;
      return false;
    }
    this.#warned = true;
    this.togglePause();
    this.view.onfollow();
    say("Paused: no more lines can be kept without letting go of those you read.");
    return true;
  }

  // The stream has what the server found, and takes its place.
  #begin() {
    const still = this.#part("still");
    if (!still) return;
    still.remove();
    this.#root.querySelector(".logs-box").hidden = false;
    this.view.relayout();
  }

  #takeWhile(until) {
    let room = document.hidden ? Infinity : perFrame;
    while (this.#queue.length > 0 && room > 0 && performance.now() < until) room -= this.#takeFrom(this.#queue[0]);
  }

  #takeFrom(message) {
    if (message.gap) {
      this.#queue.shift();
      this.store.addGap(message.gap);
      return 1;
    }
    const lines = message.lines.slice(message.from, message.from + atOnce);
    message.from += lines.length;
    this.#waiting -= lines.length;
    if (message.from >= message.lines.length) this.#queue.shift();
    this.view.take(this.store.add(lines));
    return lines.length;
  }

  // Goes to the line a link leads to, once it is there, and says so if it cannot be there any more.
  #lead() {
    if (!this.#wanted) return;
    const line = this.store.find(this.#wanted);
    const [, moment = ""] = /\/([^/]+)\/\d+$/.exec(this.#wanted) ?? [];
    if (!line && this.socket.state !== "ended" && !(this.store.newest > Date.parse(moment) + 5_000)) return;
    this.#wanted = "";
    if (!line) return say("The line this link leads to is not among those that could be read.");
    if (this.view.toLine(line)) this.details.show(line);
    else say("The filter hides the line this link leads to.");
  }

  async #load(entry) {
    if (!entry?.gap || entry.gap.loading) return;
    entry.gap.loading = true;
    entry.version += 1;
    this.view.update();
    const read = await readRange(entry.gap, this.#root.dataset.follow);
    const before = this.store.lines;
    if (read) this.view.take(this.store.add(read.lines));
    const loaded = this.store.lines - before;
    entry.gap.loading = false;
    entry.version += 1;
    if (loaded > 0) {
      this.store.removeGap(entry);
      for (const gap of read.gaps) this.store.addGap(gap);
    }
    say(loaded > 0 ? `${number(loaded)} lines loaded` : "Nothing more could be read.");
    this.store.trim();
    this.view.update();
    this.tell();
  }

  // The mesh changed, and with it who serves what is followed.
  #morphed() {
    this.bar.paint();
    this.socket.retarget(this.#root.dataset.follow);
    this.tell();
  }

  #everySecond() {
    if (document.hidden) return;
    this.bar.paint();
    if (this.view.look.ago) this.view.refresh();
    write(this.#part("countdown"), this.#countdown());
  }

  #status() {
    if (this.paused) return `paused · ${number(this.#waiting)}${this.#holding ? " and more" : ""} new`;
    const { state, reason } = this.socket;
    if (state === "open") return "following";
    if (state === "connecting") return "connecting";
    if (state === "waiting") return `connection lost${reason ? `: ${reason}` : ""}, reconnecting`;
    return state === "ended" ? `ended${reason ? `: ${reason}` : ""}` : `refused${reason ? `: ${reason}` : ""}`;
  }

  #countdown() {
    if (this.paused || this.socket.state !== "waiting") return "";
    return `in ${Math.max(1, Math.ceil((this.socket.retryAt - performance.now()) / 1_000))} s`;
  }

  #count() {
    const { lines, letGo, gaps } = this.store;
    const shown = this.view.shownLines;
    const parts = [shown === lines ? linesOf(lines) : `${number(shown)} of ${number(lines)} lines`];
    if (letGo > 0) parts.push(`${number(letGo)} let go`);
    if (gaps > 0) parts.push(`${number(gaps)} missing`);
    return parts.join(" · ");
  }
}

const number = (n) => n.toLocaleString("en");
const linesOf = (n) => (n === 1 ? "1 line" : `${number(n)} lines`);

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}
