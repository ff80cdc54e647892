// Regular expressions of RE2, as the server's are: the time they take is linear in the text, whatever somebody typed. A
// browser's own can take for ever, and say other things. It is a module of its own, since few filters need its library.
import { RE2JS, RE2JSException } from "re2js";

// The most steps an expression may have: each letter of a line costs at most so many. What people type has some dozens.
const mostSteps = 1_000;

/**
 * Reads an expression. test tells whether it matches somewhere in a text, finds are where, as [from, to]. Throws an Error
 * whose message says what is wrong.
 */
export function compile(text) {
  const expression = read(text);
  if (expression.programSize() > mostSteps) throw new Error("it repeats too much to be tried on every line");
  return { test: (line) => expression.test(line), finds: (line) => finds(expression.matcher(line)) };
}

function read(text) {
  try {
    return RE2JS.compile(text);
  } catch (bad) {
    if (!(bad instanceof RE2JSException)) throw bad;
    throw new Error(bad.getDescription?.() ?? bad.message, { cause: bad });
  }
}

function* finds(matcher) {
  while (matcher.find()) yield [matcher.start(), matcher.end()];
}
