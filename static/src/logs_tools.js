// The buttons and keys of the timeline.
import { addKeys } from "./keys.js";
import { copy, copyLink, say } from "./copy.js";
import { machine } from "./time.js";
import { asNDJSON, asText, download } from "./logs_export.js";
import { setParameters } from "./logs_form.js";
import { decisive, missing } from "./logs_words.js";

const mostCopied = 20_000; // lines: a clipboard is no file
const halfDay = 12 * 3_600_000; // ms

// How the timeline is at first, and what stands in the address where it is otherwise.
const atFirst = { wrap: false, ago: false, group: true, only: true };
const otherwise = { wrap: "1", times: "ago", flat: "1", calls: "all" };

/** Stands in an address that leads to the oldest line instead of the newest. */
export const fromStart = "#oldest";

/** Makes buttons and keys work. box is what scrolls, page a LogsPage. */
export function startTools(live, box, page) {
  const { view } = page;
  const tool = (name) => live.querySelector(`[data-tool=${name}]`);
  const actions = {
    pause: () => page.togglePause(),
    newest: () => view.toNewest(),
    wrap: () => toggle("wrap", "wrap"),
    times: () => toggle("ago", "times"),
    group: () => toggle("group", "flat"),
    calls: () => toggle("only", "calls"),
    copy: () => copyShown(page),
    text: () => save(page, "txt", "text/plain", exported(page, asText)),
    ndjson: () => save(page, "ndjson", "application/x-ndjson", exported(page, asNDJSON)),
    retry: () => page.socket.reconnect(),
  };

  // In the address a button stands only where it is not as it is at first.
  function toggle(name, parameter) {
    view.look[name] = !view.look[name];
    setParameters({ [parameter]: view.look[name] === atFirst[name] ? "" : otherwise[parameter] });
    show();
    if (name === "group" || name === "only") view.update();
    view.relayout();
    page.tell();
  }

  function show() {
    for (const [name, on] of [["pause", page.paused], ["newest", view.follow], ["wrap", view.look.wrap], ["times", view.look.ago], ["group", view.look.group]]) {
      tool(name).setAttribute("aria-pressed", String(on));
    }
    tool("calls")?.setAttribute("aria-checked", String(view.look.only));
    for (const kept of document.querySelectorAll("#logs form [name=calls]")) kept.disabled = view.look.only;
    box.classList.toggle("logs-wrapped", view.look.wrap);
  }

  function readAddress() {
    const asked = new URLSearchParams(location.search);
    Object.assign(view.look, { wrap: asked.has("wrap"), ago: asked.get("times") === "ago", group: !asked.has("flat"), only: asked.get("calls") !== "all" });
    show();
  }

  live.addEventListener("click", (event) => {
    const name = event.target.closest("[data-tool]")?.dataset.tool;
    if (!name) return;
    event.preventDefault();
    actions[name]();
    show();
  });
  box.addEventListener("click", (event) => choose(event));
  live.querySelector("[data-jump]").addEventListener("change", (event) => jump(page, event.target));
  view.onfollow = show;
  addKeys({ ...keysOf(page, box), " ": () => pressed(() => (actions.pause(), show())), w: actions.wrap, t: actions.times, f: () => focusFilter() });
  readAddress();

  function choose(event) {
    const row = view.rowOf(event.target);
    if (!row || row.letGo || row.gap || event.target.closest(".logs-load") || String(getSelection())) return;
    view.choose(row);
    if (event.target.closest(".logs-time") && view.toggle(row)) return;
    page.details.show(lineOf(row));
  }
}

// A key that presses a button or follows a link has its meaning already.
const onControl = () => document.activeElement?.closest?.("button, a, summary, select");
const pressed = (action) => (onControl() ? false : action());

function keysOf(page, box) {
  const { view, details } = page;
  const chosen = () => (view.look.chosen && !view.look.chosen.gap && !view.look.chosen.letGo ? lineOf(view.look.chosen) : null);
  const step = (by) => (box.focus({ preventScroll: true }), view.step(by));
  const inBox = (action) => (document.activeElement === box ? action() : false);
  return {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => inBox(() => step(1)),
    ArrowUp: () => inBox(() => step(-1)),
    ArrowRight: () => inBox(() => view.toggle(view.look.chosen, true)),
    ArrowLeft: () => inBox(() => view.toggle(view.look.chosen?.entry ?? view.look.chosen, false)),
    End: () => inBox(() => view.toNewest()),
    Enter: () => pressed(() => (chosen() ? details.show(chosen()) : false)),
    Escape: () => details.hide(),
    c: () => (chosen() ? copy(chosen().raw, "Line copied") : copyLink()),
    y: () => (chosen() ? details.copyLink(chosen()) : copyLink()),
  };
}

const lineOf = (row) => (row.lines ? decisive(row.lines) : row);

function focusFilter() {
  const field = document.querySelector("#logs form [name=include]");
  const fold = field.closest("details");
  if (fold) fold.open = true;
  field.focus();
  field.select();
}

const exported = ({ store, view }, write) => write(store.entries, view.shows, missing);

function copyShown(page) {
  const rows = exported(page, asText).split("\n");
  const newest = rows.slice(-mostCopied - 1);
  const all = newest.length === rows.length;
  copy(newest.join("\n"), all ? `${page.view.shownLines.toLocaleString("en")} lines copied` : `The newest ${mostCopied.toLocaleString("en")} lines copied. A download has all.`);
}

function save(page, ending, type, text) {
  download(text, `logs-${machine(page.store.newest || Date.now()).replaceAll(":", "")}.${ending}`, type);
  say(`${page.view.shownLines.toLocaleString("en")} lines saved`);
}

// What is older than what is kept is asked for anew.
function jump({ store, view }, field) {
  const moment = momentOf(field.value.trim(), store.newest || Date.now());
  if (Number.isNaN(moment)) return field.value.trim() && say("Write a time such as 07:45:12, or a date and a time, in UTC.");
  if (moment >= store.oldest) return view.toTime(moment);
  const url = new URL(location.href);
  url.searchParams.set("since", machine(moment));
  url.searchParams.delete("line");
  url.hash = fromStart;
  location.assign(url);
}

// A time of day is of the day of the newest line, or of the day before: nobody asks for half a day to come.
function momentOf(typed, newest) {
  const text = typed.replace(/ ?(UTC|Z)$/, "").replace(" ", "T").replace(/^(\d):/, "0$1:");
  if (text.includes("-")) return Date.parse(`${text}Z`);
  const moment = Date.parse(`${new Date(newest).toISOString().slice(0, 11)}${text}Z`);
  return moment - newest > halfDay ? moment - 2 * halfDay : moment;
}
