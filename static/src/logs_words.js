// What the columns of a line say. Pure functions of a line as the stream sends it (design 4.4).

/** The text of the first field that a line has, of several names a writer may use; empty for none. */
export function field(line, ...names) {
  for (const name of names) {
    const value = line.fields?.[name];
    if (value !== undefined && value !== "" && value !== "-") return String(value);
  }
  return "";
}

const programs = { ztunnel: "ztunnel", waypoint: "waypoint", cni: "istio-cni", istiod: "istiod" };
const ends = { outbound: "client", inbound: "destination" };

/** What part a line's writer plays: "client ztunnel", "destination ztunnel", "waypoint", "istiod", "pod". */
export function role(line) {
  const kind = line.source.split("/", 1)[0];
  if (line.kind !== "ztunnel-access") return programs[kind] ?? "pod";
  const end = ends[field(line, "direction")];
  return end ? `${end} ztunnel` : "ztunnel";
}

/** Which of them it is: the node of a ztunnel, the pod of everything else. */
export function place(line) {
  const [namespace = "", pod = "", container = ""] = line.container.split("/");
  const kind = line.source.split("/", 1)[0];
  if ((kind === "ztunnel" || kind === "cni" || line.kind === "ztunnel-access") && line.node) return line.node;
  return kind === "pod" && container !== "istio-proxy" ? `${namespace}/${pod} ${container}` : pod;
}

/** Who calls whom; empty for a line that is not of a call. */
export function call(line) {
  if (line.kind === "ztunnel-access") return `${client(line)} → ${destination(line)}`;
  if (line.kind === "envoy-access") return `${request(line)} ${field(line, "authority")}${field(line, "path")}`.trim();
  return "";
}

const client = (line) => field(line, "src.workload", "src.addr") || "?";
const request = (line) => field(line, "method", "protocol");

function destination(line) {
  const address = field(line, "dst.hbone_addr", "dst.addr");
  const host = field(line, "dst.service");
  if (!host) return field(line, "dst.workload") || address || "?";
  const port = address.slice(address.lastIndexOf(":") + 1);
  return `${host.replace(/\.svc\..*$/, "")}${/^\d+$/.test(port) ? `:${port}` : ""}`;
}

/** How a call ended, as { word, tone }: tone is "bad", "warn", "good" or "none", and never alone. */
export function verdict(line) {
  if (line.explain?.denied) return { word: withStatus(line, "denied"), tone: "bad" };
  if (line.explain?.code) return { word: withStatus(line, "failed"), tone: "bad" };
  if (line.kind === "envoy-access") return answer(Number(field(line, "response_code", "status")), line);
  if (line.kind === "ztunnel-access") return ofConnection(line);
  return ofLevel(line.level);
}

function withStatus(line, word) {
  const status = field(line, "response_code", "status");
  return status && status !== "0" ? `${status} ${word}` : word;
}

function answer(status, line) {
  if (status >= 500) return { word: String(status), tone: "bad" };
  if (status >= 400) return { word: String(status), tone: "warn" };
  if (status > 0) return { word: String(status), tone: "good" };
  return field(line, "response_flags") ? { word: field(line, "response_flags"), tone: "warn" } : { word: "done", tone: "good" };
}

function ofConnection(line) {
  if (field(line, "error")) return { word: "failed", tone: "bad" };
  return / opened\b/.test(line.message ?? "") ? { word: "opened", tone: "none" } : { word: "ok", tone: "good" };
}

const ofLevel = (level) => {
  if (level === "error") return { word: "error", tone: "bad" };
  if (level === "warn") return { word: "warning", tone: "warn" };
  return { word: level || "", tone: "none" };
};

/** What a line means, else what it says. */
export function meaning(line) {
  if (line.explain?.text) return line.explain.text;
  if (line.kind === "plain") return line.raw;
  return field(line, "error", "response_code_details", "connection_termination_details");
}

/** How long the call took. */
export function took(line) {
  const text = field(line, "duration");
  return line.kind === "envoy-access" && /^\d+$/.test(text) ? `${text}ms` : text;
}

/**
 * What went to the destination and came back, in bytes. A ztunnel counts from the point of view of its own pod, an Envoy
 * from its own.
 */
export function bytes(line) {
  const sent = field(line, "bytes_sent");
  const received = field(line, "bytes_recv", "bytes_received");
  if (!sent && !received) return "";
  const atClient = line.kind === "ztunnel-access" && field(line, "direction") !== "inbound";
  return atClient ? `↑${amount(sent)} ↓${amount(received)}` : `↑${amount(received)} ↓${amount(sent)}`;
}

function amount(text) {
  const n = Number(text);
  if (!text || Number.isNaN(n)) return "?";
  if (n < 10_000) return String(n);
  return n < 10_000_000 ? `${Math.round(n / 1_000)}k` : `${Math.round(n / 1_000_000)}M`;
}

/** Tells whether a line speaks of a failure. */
export const failed = (line) => verdict(line).tone === "bad";

/**
 * The line of a group that decides: the proxy that knows the reason, else one that saw a failure, else the one that saw
 * the request, else the first.
 */
export function decisive(lines) {
  const knows = lines.find((line) => line.explain?.code && !line.explain.elsewhere);
  return knows ?? lines.find(failed) ?? lines.find((line) => line.kind === "envoy-access") ?? lines[0];
}

/** What a gap says: how many lines are missing, of whom, and why. */
export function missing(gap) {
  const count = gap.dropped < 0 ? "An unknown number of lines is" : gap.dropped === 1 ? "1 line is" : `${gap.dropped.toLocaleString("en")} lines are`;
  return `${count} missing of ${gap.container || gap.source}: ${gap.reason}`;
}
