// Filters that work while typing, and choices that need no button.
import { forget, load } from "./load.js";
import { freely } from "./rows.js";

const pause = 150; // ms after the last key

/** Takes over the filter forms and the scope. */
export function startForms() {
  let timer = 0;
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-filter]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(filter, pause, form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-filter]");
    if (!form) return;
    event.preventDefault();
    clearTimeout(timer);
    filter(form);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-submit-on-change]");
    if (!form) return;
    for (const field of form.querySelectorAll("select, input")) field.disabled ||= field.value === "";
    form.submit();
  });
}

// The state of a filter is the address, so that a reload or a shared link shows the same.
function filter(form) {
  const parameters = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...parameters]) if (!value) parameters.delete(name);
  const query = parameters.toString();
  const url = form.getAttribute("action") + (query && `?${query}`);
  history.replaceState(history.state, "", url);
  forget();
  freely(() => load(url));
}
