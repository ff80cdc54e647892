// The fields of the filter work while typing; their state is the address. What is followed is asked of the server.
import { readFilter } from "./logs_filter.js";

const pause = 150; // ms after the last key
const names = ["include", "exclude", "mark", "level", "denied"];
const expressions = ["include", "exclude", "mark"];

/** Takes over the form. apply gets each filter that can be read; resolves once it got the one of the address. */
export async function startFilter(root, apply) {
  const form = root.querySelector("form");
  const read = () => readFilter(valuesOf(form), root.dataset.engine);
  let timer = 0;
  let newest = 0; // what was typed later is not overtaken by what took longer to read
  const take = async () => {
    const asked = (newest += 1);
    const values = valuesOf(form);
    const { filter, problems } = await read();
    if (asked !== newest) return;
    tell(form, problems);
    if (Object.keys(problems).length > 0) return; // the filter before stays until all can be read
    setParameters(values);
    apply(filter);
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
  foldOnPhone(form);
  // An expression of the address that cannot be read hides nothing; the rest of its filter holds.
  const { filter, problems } = await read();
  if (newest > 0) return;
  tell(form, problems);
  apply(filter);
}

const valuesOf = (form) => Object.fromEntries(names.map((name) => [name, valueOf(form.elements[name])]));

// On a phone the lines come first; a filter that hides some stays in sight.
function foldOnPhone(form) {
  const set = names.some((name) => valueOf(form.elements[name]));
  if (!set && matchMedia("(max-width: 45rem)").matches) form.querySelector(".logs-filter").open = false;
}

const valueOf = (element) => (element.type === "checkbox" ? (element.checked ? element.value : "") : element.value);

// Says beside each expression what is wrong with it.
function tell(form, problems) {
  for (const name of expressions) {
    const wrong = problems[name] ?? "";
    const message = form.querySelector(`[data-problem=${name}]`);
    if (message.textContent !== wrong) message.textContent = wrong;
    message.hidden = !wrong;
    if (wrong) form.elements[name].setAttribute("aria-invalid", "true");
    else form.elements[name].removeAttribute("aria-invalid");
  }
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
