// Which lines are shown. The filter is the address's; it hides lines and never drops them.

const levels = ["trace", "debug", "info", "warn", "error"];
const expressions = ["include", "exclude", "mark"];
const longest = 1_024; // letters of an expression, as on the server

/** A filter that lets everything through. */
export const everything = { include: null, exclude: null, mark: null, least: -1, denied: false };

/**
 * Reads a filter from its values. Resolves to { filter, problems }: of an expression that cannot be read the problem is a
 * sentence by its name, and the filter goes without it. engine is the address of regexp.js, which is loaded once an
 * expression is more than plain words.
 */
export async function readFilter(values, engine) {
  const filter = { ...everything, least: levels.indexOf(values.level), denied: Boolean(values.denied) };
  const problems = {};
  for (const name of expressions) {
    try {
      filter[name] = await expression(values[name], engine);
    } catch (bad) {
      problems[name] = bad.message;
    }
  }
  return { filter, problems };
}

async function expression(text, engine) {
  if (!text) return null;
  if (text.length > longest) throw new Error(`Longer than ${longest.toLocaleString("en")} letters. What is shown stays as it is.`);
  if (!/[\\^$.|?*+()[\]{}]/.test(text)) return words(text);
  const { compile } = await load(engine);
  try {
    return compile(text);
  } catch (bad) {
    throw new Error(`Not a regular expression (RE2): ${bad.message}. What is shown stays as it is.`, { cause: bad });
  }
}

async function load(engine) {
  try {
    return await import(engine);
  } catch (problem) {
    throw new Error("What reads regular expressions could not be loaded. Plain words work.", { cause: problem });
  }
}

// What has no sign with a meaning stands for itself.
function words(text) {
  return {
    test: (line) => line.includes(text),
    *finds(line) {
      for (let at = line.indexOf(text); at >= 0; at = line.indexOf(text, at + text.length)) yield [at, at + text.length];
    },
  };
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
