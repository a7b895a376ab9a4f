// What the page of a report on drift shows of a host: its state, its image now, and the image that it should run.

const OUTCOMES = new Map([
  ["not readable", ["\u2715", "bad"]], ["not found", ["?", "bad"]], ["recycled", ["\u2298", "warn"]],
  ["reset failed", ["\u2715", "bad"]], ["drifted", ["\u2260", "warn"]], ["resetting", ["\u2026", "quiet"]],
  ["no wanted image", ["\u2013", "quiet"]], ["wanted", ["\u2713", "good"]],
]);
const TOTALS = [
  ["Fix first", ["not readable", "not found", "recycled"]],
  ["To rebuild", ["reset failed", "drifted"]],
  ["No action", ["resetting", "no wanted image"]],
  ["On the wanted image", ["wanted"]],
];
const ALWAYS = ["drifted", "wanted", "not found", "not readable"];
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"]];

const tagsOf = (row) => Object.entries(row.tags || {}).map((tag) => tag.join("="));

function wordsOf(row) {
  const error = row.error || {};
  return [row.instance_id, row.name, row.group, row.region, row.zone, row.state, row.status,
    row.vendor_status, row.image_id, row.image_name, row.wanted_image_id, row.message, error.code, error.message,
    error.request_id, ...tagsOf(row)];
}

function age(seconds) {
  if (seconds === null) return "\u2013";
  const [size, unit] = UNITS.find(([length]) => seconds >= length) || [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function cells(row) {
  const now = row.image_id ? cell("now", row.image_id) : cell("now", make("p", "why", row.message));
  return [now, cell("wanted", row.wanted_image_id || "\u2013"), cell("age number", age(row.age))];
}

function details(row) {
  const box = make("div", "box"), list = make("dl"), more = make("dl", "times");
  const isTrouble = needsAttention(row);
  if (isTrouble) box.append(trouble(row, row.message));
  addPair(list, "Instance", row.name ? `${row.instance_id} (${row.name})` : row.instance_id);
  addPair(list, "Group", row.group);
  if (!isTrouble) addPair(list, "Why", row.message);
  addPair(list, "Current image", row.image_name ? `${row.image_id} (${row.image_name})` : row.image_id);
  addPair(list, "Wanted image", row.wanted_image_id);
  addPair(list, "Status", row.status && `${row.status} (${row.vendor_status})`);
  addPair(more, "Region", row.region);
  addPair(more, "Zone", row.zone);
  addPair(more, "Last reset", row.since && moment(row.since));
  addPair(more, "Created", row.created_at);
  addPair(more, "Tags", tagsOf(row));
  box.append(list, more);
  return box;
}

const facts = () => [fact("Read at", moment(report.at)), fact("To rebuild", String(report.drifted.length)),
  fact("Unreadable groups", Object.keys(report.unreadable).join(", ") || "none")];

for (const row of Object.values(report.hosts)) row.outcome = row.state;
showHosts({
  outcomes: OUTCOMES,
  totals: TOTALS,
  always: ALWAYS,
  words: wordsOf,
  cells,
  keys: {now: (row) => row.image_id, wanted: (row) => row.wanted_image_id, age: (row) => row.age},
  details,
  isPrinted: () => true,
  facts,
});
