// Relative times, in the words of views/ui/clock.go.

const root = document.documentElement;

// The browser's clock may be wrong; ages are counted by the server's.
const serverNow = Date.parse(root.dataset.now);
const skew = Number.isNaN(serverNow) ? 0 : serverNow - Date.now();

/** The present moment by the server's clock, in milliseconds. */
export const now = () => Date.now() + skew;

/** A length of time in its largest unit: "4 s", "3 min", "2 h", "5 d". */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** How long before or after now a moment lies. */
export function relative(moment, from = now()) {
  return moment > from ? `in ${duration(moment - from)}` : `${duration(from - moment)} ago`;
}

/** The time of day in UTC: "07:45:12 UTC". */
export const clockface = (moment) => `${new Date(moment).toISOString().slice(11, 19)} UTC`;

/** A moment in full, for anything copied: "2026-11-23T07:45:12Z". */
export const machine = (moment) => `${new Date(moment).toISOString().slice(0, 19)}Z`;

/** Writes all relative times below a node anew. */
export function tick(node = document) {
  for (const element of node.querySelectorAll("time[data-ago]")) {
    const text = relative(Date.parse(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}
