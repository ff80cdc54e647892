// The stream of log lines: one WebSocket that comes back by itself and goes on after the last line it had of each container.
import { now } from "./time.js";

const protocol = "waylight.logs.v1";
const retryFrom = 1_000;
const retryUpTo = 15_000;

// Close codes after which another try would be refused as well (RFC 6455 and the server's own reasons).
const final = new Set([1002, 1003, 1007, 1008]);

export class LogSocket {
  #hear;
  #follow = "";
  #since = "";
  #socket = null;
  #had = new Map(); // container to the id of its last line
  #failures = 0;
  #retry = 0; // timer
  #ended = null; // the reason, once the server said that this is the end

  /** state is "connecting", "open", "waiting", "ended" or "refused". */
  state = "connecting";
  /** When the next try is due, in the time of performance.now(). */
  retryAt = 0;
  /** Why the stream ended or was lost. */
  reason = "";

  /** Tells hear of { lines }, { gap }, { source } and { state }. */
  constructor(hear) {
    this.#hear = hear;
  }

  /** Follows sources (parameters of the address) from a moment on: RFC 3339, or a duration back from now. */
  open(follow, since, recorded) {
    this.#since = recorded ? since : absolute(since);
    this.#follow = follow;
    this.#connect();
  }

  /** Follows other sources, without losing or repeating lines of those that stay. */
  retarget(follow) {
    if (follow === this.#follow) return;
    this.#follow = follow;
    this.reconnect();
  }

  /** Tries again at once. */
  reconnect() {
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#connect();
  }

  /** Asks the server to hold lines back, or to go on. */
  pause(paused) {
    if (this.state === "open") this.#socket.send(JSON.stringify({ type: paused ? "pause" : "resume" }));
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#ended = null;
    this.#become("connecting");
    const parameters = new URLSearchParams(this.#follow);
    parameters.set("since", this.#since);
    for (const [container, id] of this.#had) parameters.append("after", `${container}@${id}`);
    const socket = (this.#socket = new WebSocket(address(parameters), protocol));
    let opened = false;
    socket.addEventListener("open", () => ((opened = true), this.#become("open")));
    socket.addEventListener("message", (event) => this.#take(JSON.parse(event.data)));
    socket.addEventListener("close", async (event) => {
      if (socket !== this.#socket) return;
      const refusal = opened ? "" : await whyRefused(parameters);
      if (socket !== this.#socket) return;
      if (refusal) this.#become("refused", refusal);
      else this.#lost(event);
    });
  }

  #take(message) {
    this.#failures = 0;
    switch (message.type) {
      case "lines":
        for (const line of message.lines) this.#had.set(line.container, line.id);
        return this.#hear({ lines: message.lines });
      case "gap":
        return this.#hear({ gap: message });
      case "source":
        return this.#hear({ source: message });
      case "end": // how it ended is in the code of the close that follows
        this.#ended = message.reason ?? "";
    }
  }

  #lost(event) {
    if (event.code === 1000 && this.#ended !== null) return this.#become("ended", this.#ended);
    if (final.has(event.code)) return this.#become("refused", event.reason);
    const wait = Math.min(retryUpTo, retryFrom * 2 ** this.#failures) * (0.75 + Math.random() / 2);
    this.#failures += 1;
    this.retryAt = performance.now() + wait;
    this.#retry = setTimeout(() => this.#connect(), wait);
    this.#become("waiting", event.reason || (this.#ended ?? ""));
  }

  #become(state, reason = "") {
    this.state = state;
    this.reason = reason;
    this.#hear({ state });
  }
}

/**
 * Reads the lines of a gap's source again, from its oldest to its newest; follow is what the stream with the gap follows.
 * Resolves to { lines, gaps }, or null where the stream could not be opened.
 */
export function readRange(gap, follow) {
  return new Promise((resolve) => {
    const out = { lines: [], gaps: [] };
    const until = Date.parse(gap.to);
    const parameters = new URLSearchParams({ source: gap.source, since: gap.from });
    if (new URLSearchParams(follow).has("previous")) parameters.set("previous", "1");
    const socket = new WebSocket(address(parameters), protocol);
    let heard = false;
    const finish = () => {
      clearTimeout(patience);
      socket.close(1000);
      resolve(heard ? out : null);
    };
    const patience = setTimeout(finish, 20_000);
    socket.addEventListener("close", finish);
    socket.addEventListener("message", (event) => {
      heard = true;
      const message = JSON.parse(event.data);
      const inside = (line) => Date.parse(line.time) <= until;
      if (message.type === "lines") {
        out.lines.push(...message.lines.filter((line) => inside(line) && (!gap.container || line.container === gap.container)));
        if (!message.lines.every(inside)) finish();
      }
      if (message.type === "gap") out.gaps.push(message);
      if (message.type === "end") finish();
    });
  });
}

// A browser does not show a script how an upgrade was answered. The same address says it without one; an answer that
// asks for the upgrade has nothing against it.
async function whyRefused(parameters) {
  try {
    const response = await fetch(`/ws/logs?${parameters}`);
    if (response.status === 426 || response.status >= 500) return "";
    return (await response.json()).error?.message || `the server answers ${response.status}`;
  } catch {
    return "";
  }
}

function address(parameters) {
  const url = new URL("/ws/logs", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = parameters;
  return url.href;
}

const units = { h: 3_600_000, m: 60_000, s: 1_000 };

// A duration counts back from when the page was opened, not from when the stream came back.
function absolute(since) {
  if (!/^(\d+[hms])+$/.test(since)) return since;
  let length = 0;
  for (const [, n, unit] of since.matchAll(/(\d+)([hms])/g)) length += n * units[unit];
  return new Date(now() - length).toISOString();
}
