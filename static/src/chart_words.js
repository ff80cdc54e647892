// Numbers and times in charts, in the words of views/rates.go.

/** A number with as many digits as a reader needs. */
export function amount(value) {
  if (value === 0) return "0";
  if (value < 1) return String(Number(value.toPrecision(2)));
  return String(Number(value.toFixed(value < 10 ? 1 : 0)));
}

const sizes = [
  [2 ** 30, " GiB"],
  [2 ** 20, " MiB"],
  [2 ** 10, " KiB"],
];

/** A number of a chart with its unit. */
export function written(value, unit) {
  switch (unit) {
    case "ms":
      return `${amount(value)} ms`;
    case "bytes/s": {
      const [size, name] = sizes.find(([least]) => value >= least) ?? [1, " B"];
      return `${amount(value / size)}${name}/s`;
    }
  }
  return `${amount(value)}/s`;
}

const day = 24 * 3600;

/** A moment on an axis that shows so many seconds. All times are UTC. */
export function axisTime(at, shown) {
  const text = new Date(at * 1000).toISOString();
  if (shown < 600) return text.slice(11, 19);
  return shown > 1.5 * day && at % day === 0 ? dayOf(at) : text.slice(11, 16);
}

/** A moment at the cursor. */
export function clock(at) {
  return `${dayOf(at)} ${new Date(at * 1000).toISOString().slice(11, 19)} UTC`;
}

const dayOf = (at) => new Date(at * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
