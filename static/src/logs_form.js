// The fields of the filter work while typing; their state is the address. What is followed is asked of the server.
import { parseFilter, problem } from "./logs_filter.js";

const pause = 150; // ms after the last key
const names = ["include", "exclude", "mark", "level", "denied"];
const expressions = ["include", "exclude", "mark"];

/** Takes over the form. apply gets each filter that can be read. */
export function startFilter(root, apply) {
  const form = root.querySelector("form");
  let timer = 0;
  const take = () => {
    const values = valuesOf(form);
    if (unreadable(form, values).length > 0) return;
    setParameters(values);
    apply(parseFilter(values));
  };
  form.addEventListener("input", (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(take, pause);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (asksElsewhere(form)) return leaveOutEmpty(form);
    event.preventDefault();
    take();
  });
  begin(form, apply);
  foldOnPhone(form);
}

// An expression of the address that cannot be read hides nothing; the rest of its filter holds.
function begin(form, apply) {
  const values = valuesOf(form);
  for (const name of unreadable(form, values)) values[name] = "";
  apply(parseFilter(values));
}

const valuesOf = (form) => Object.fromEntries(names.map((name) => [name, valueOf(form.elements[name])]));

// On a phone the lines come first; a filter that hides some stays in sight.
function foldOnPhone(form) {
  const set = names.some((name) => valueOf(form.elements[name]));
  if (!set && matchMedia("(max-width: 45rem)").matches) form.querySelector(".logs-filter").open = false;
}

const valueOf = (element) => (element.type === "checkbox" ? (element.checked ? element.value : "") : element.value);

// Says beside each expression what is wrong with it, and returns the names of those. The filter before stays until all can
// be read.
function unreadable(form, values) {
  return expressions.filter((name) => {
    const wrong = problem(values[name]);
    const message = form.querySelector(`[data-problem=${name}]`);
    if (message.textContent !== wrong) message.textContent = wrong;
    message.hidden = !wrong;
    if (wrong) form.elements[name].setAttribute("aria-invalid", "true");
    else form.elements[name].removeAttribute("aria-invalid");
    return wrong;
  });
}

const asksElsewhere = (form) => [...form.querySelectorAll("[data-ask]")].some((element) => element.value !== element.defaultValue || element.checked !== element.defaultChecked);

function leaveOutEmpty(form) {
  for (const element of form.elements) element.disabled ||= element.name && valueOf(element) === "";
}

/** Writes parameters into the address of the page; empty ones go. */
export function setParameters(values) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  history.replaceState(history.state, "", url);
}
