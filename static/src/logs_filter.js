// Which lines are shown. The filter is the address's; it hides lines and never drops them.

const levels = ["trace", "debug", "info", "warn", "error"];

/** What a filter hides, read from its values. Throws a sentence for the reader when an expression cannot be read. */
export function parseFilter(values) {
  return {
    include: expression(values.include),
    exclude: expression(values.exclude),
    mark: expression(values.mark),
    least: levels.indexOf(values.level),
    denied: Boolean(values.denied),
  };
}

// The server's expressions are Go's (RE2). They set flags at their beginning, which a browser takes as an argument, name
// groups with a P, and escape any punctuation, which a browser refuses where it means nothing else.
function expression(text) {
  if (!text) return null;
  const [, flags = "", body] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(text);
  const pattern = body.replace(/\\([!-/:-@[-`{-~])/g, (_, sign) => `\\x${sign.charCodeAt(0).toString(16)}`).replaceAll("(?P<", "(?<");
  return new RegExp(pattern, flags + "u");
}

/** What is wrong with an expression, in a sentence; empty if nothing is. */
export function problem(text) {
  try {
    expression(text);
    return "";
  } catch (bad) {
    const reason = bad.message.replace(/^Invalid regular expression: /, "").replace(/^\/.*\/[a-z]*: /s, "");
    return `Not a regular expression: ${reason}. What is shown stays as it is.`;
  }
}

/** Tells whether a line passes, as the server's LineFilter decides it. */
export function passes(filter, line) {
  if (filter.denied && !refused(line)) return false;
  if (filter.least >= 0 && levels.indexOf(levelOf(line)) < filter.least) return false;
  if (filter.include && !filter.include.test(line.raw)) return false;
  return !filter.exclude?.test(line.raw);
}

const refused = (line) => Boolean(line.explain?.code || line.explain?.denied);

// The access line of an Envoy names no level: one of a failure counts as an error. What is unknown is shown.
function levelOf(line) {
  if (line.level) return line.level;
  return line.kind === "plain" || refused(line) ? "error" : "info";
}

/** Tells whether a filter lets everything through. */
export const showsAll = (filter) => !filter.include && !filter.exclude && filter.least < 0 && !filter.denied;
