// What is shown, as text or as NDJSON.

/** Lines as text, one a row, gaps as comments: nothing that is missing looks as if it were not. */
export function asText(entries, shown, missing) {
  return write(entries, shown, (line) => `${line.time} ${line.container} ${line.raw}`, (gap) => `# ${missing(gap)}`);
}

/** Lines as NDJSON, with the names of the log stream (design 4.4). */
export function asNDJSON(entries, shown) {
  return write(entries, shown, (line) => JSON.stringify(plain(line)), (gap) => JSON.stringify({ ...gap, type: "gap", loading: undefined }));
}

function write(entries, shown, ofLine, ofGap) {
  const rows = [];
  for (const entry of entries) {
    if (!entry.shown) continue;
    if (entry.gap) rows.push(ofGap(entry.gap));
    for (const line of entry.lines) if (shown(line)) rows.push(ofLine(line));
  }
  return rows.length > 0 ? `${rows.join("\n")}\n` : "";
}

const plain = ({ id, time, source, container, node, level, raw, kind, message, fields, explain, group, ofCall, late, cut }) => ({
  id, time, source, container, node: node || undefined, level: level || undefined, kind, raw, message: message || undefined,
  fields, explain: explain ?? undefined, group: group || undefined, ofCall: ofCall || undefined, late: late || undefined, cut: cut || undefined,
});

/** Hands a file to the browser. It is made in the page: nothing is fetched. */
export function download(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(URL.revokeObjectURL, 60_000, link.href);
}
