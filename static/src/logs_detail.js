// Everything of one line: what it means, its fields, the lines of the same call, and the line as it was written.
import { copy } from "./copy.js";
import { setParameters } from "./logs_form.js";
import { fullTime, paintText } from "./logs_rows.js";
import { decisive, place, role, verdict } from "./logs_words.js";

const before = 60_000; // ms: a link to a line shows what came before it too

export class Details {
  #panel;
  #page;
  #line = null;
  #since; // of the address while no line stands in it

  constructor(panel, page) {
    [this.#panel, this.#page] = [panel, page];
    const asked = new URLSearchParams(location.search);
    this.#since = asked.has("line") ? "" : asked.get("since");
    panel.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.line) this.#other(button.dataset.line);
      if (button?.dataset.do === "close") this.hide();
      if (button?.dataset.do === "copy") copy(this.#line.raw, "Line copied", button);
      if (button?.dataset.do === "link") this.copyLink(this.#line);
    });
  }

  /** Shows a line, and makes the address lead to it. */
  show(line) {
    this.#line = line;
    paint(this.#panel, line, this.#page.view.look.mark);
    setParameters(linkTo(line));
  }

  /** Closes the panel; false if it was closed. */
  hide() {
    if (this.#panel.hidden) return false;
    this.#panel.hidden = true;
    setParameters({ line: "", since: this.#since });
  }

  /** Copies an address that leads to a line whenever it is opened: its moment stands in it. */
  copyLink(line) {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(linkTo(line))) url.searchParams.set(name, value);
    copy(url.href, "Link to this line copied");
  }

  #other(id) {
    const line = this.#page.store.find(id);
    if (!line) return;
    this.#page.view.toLine(line);
    this.show(line);
  }
}

const linkTo = (line) => ({ line: line.id, since: new Date(line.ms - before).toISOString() });

function paint(panel, line, mark) {
  const part = (name) => panel.querySelector(`[data-detail=${name}]`);
  part("title").textContent = `${role(line)} ${place(line)}`;
  part("time").textContent = fullTime(line);
  part("container").textContent = line.container;
  part("verdict").textContent = verdict(line).word;
  part("verdict").className = `logs-word logs-${verdict(line).tone}`;
  part("code").textContent = line.explain?.code ?? "";
  part("meaning").textContent = line.explain?.text ?? "";
  part("look").textContent = line.explain?.look ? `Look first: ${line.explain.look}` : "";
  part("elsewhere").hidden = !line.explain?.elsewhere;
  part("late").hidden = !line.late;
  part("cut").textContent = line.cut > 0 ? `${line.cut} more bytes of this line were cut off.` : "";
  paintText(part("raw"), line.raw, mark);
  paintFields(part("fields"), line.fields);
  paintCall(part("call"), line);
  part("search").href = `/search?${new URLSearchParams({ q: line.raw.slice(0, 4_000) })}`;
  panel.hidden = false;
}

function paintFields(list, fields) {
  list.replaceChildren();
  for (const [name, value] of Object.entries(fields)) {
    const row = document.createElement("div");
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    text.textContent = String(value);
    row.append(term, text);
    list.append(row);
  }
}

function paintCall(list, line) {
  const { lines } = line.entry;
  list.hidden = lines.length < 2;
  const decides = decisive(lines);
  list.replaceChildren(
    ...lines.map((other) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = `logs-hop logs-${verdict(other).tone}`;
      button.dataset.line = other.id;
      button.textContent = `${role(other)} ${place(other)} · ${verdict(other).word}${other === decides && other.failed ? " · decides" : ""}`;
      if (other === line) button.setAttribute("aria-current", "true");
      item.append(button);
      return item;
    }),
  );
}
