// What the page of a rebuild shows of a host: its outcome, its phases on one axis of time, and why.

const OUTCOMES = new Map([
  ["failed", ["\u2715", "bad"]], ["unknown", ["?", "warn"]], ["timeout", ["\u2026", "warn"]],
  ["not proven", ["!", "warn"]], ["refused", ["\u2298", "warn"]], ["reset", ["\u2713", "good"]],
  ["rebooted", ["\u2713", "good"]], ["started", ["\u2713", "good"]], ["stopped", ["\u2713", "good"]],
  ["password_set", ["\u2713", "good"]],
  ["accepted", ["\u2192", "quiet"]], ["unchanged", ["=", "quiet"]],
]);
const TOTALS = [
  ["Run again", ["failed", "unknown", "timeout", "not proven"]],
  ["Fix first", ["refused"]],
  ["Done", ["reset", "rebooted", "started", "stopped", "password_set", "accepted"]],
  ["No action needed", ["unchanged"]],
];
const ALWAYS = ["reset", "unchanged", "refused", "failed"];
const PHASES = new Map([
  ["queued", "Queued"], ["stop", "Stop"], ["install", "Install"], ["boot", "Boot"], ["ssh", "SSH"],
]);
const PROOFS = new Map([
  ["identity", "a new installation answers"], ["age", "a new installation answers, by its age"],
  ["none", "nothing to compare with; only the provider reports the reset"], ["same", "the same installation answers"],
  ["older", "a system answers that has been running since before the reset"],
  ["unreachable", "login failed"], ["proven", "the new system was proven from inside"],
]);
// Seconds between two marks of the axis.
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

const ends = Object.values(report.hosts).map(({phases}) => phases.length ? phases.at(-1).end : 0);
const longest = ends.reduce((left, right) => Math.max(left, right), Math.max(report.seconds, 1));

function wordsOf(row) {
  const error = row.error || {};
  return [row.instance_id, row.name, row.group, row.outcome, row.verdict, row.reason, row.message,
    row.problem, error.code, error.message, error.request_id, row.before && row.before.image,
    row.after && row.after.image, ...row.request_ids];
}

function why(row) {
  const code = row.error && row.error.code;
  const sentence = row.problem || row.message || (row.error && row.error.message) || "";
  return code && !sentence.includes(code) ? `${code}: ${sentence}` : sentence;
}

function track(row) {
  const element = withRole(make("div", "track"), "img");
  const label = row.phases.map(({phase, start, end}) => `${PHASES.get(phase) || phase} ${duration(end - start)}`)
    .join(", ");
  element.setAttribute("aria-label", label);
  element.title = label;
  row.phases.forEach(({phase, start, end}, index) => {
    const last = needsAttention(row) && index === row.phases.length - 1;
    const bar = make("i", `${PHASES.has(phase) ? phase : "queued"}${last ? ` ends ${lookOf(row.outcome)[1]}` : ""}`);
    bar.style.left = `${100 * start / longest}%`;
    bar.style.width = `${100 * (end - start) / longest}%`;
    element.append(bar);
  });
  return element;
}

function change(row, name) {
  const before = row.before && row.before[name], after = row.after && row.after[name];
  return before && after && before !== after ? `${before} \u2192 ${after}` : after || before;
}

function timesOf(row) {
  const times = make("dl", "times");
  addPair(times, "Started", moment(row.started_at));
  addPair(times, "Finished", moment(row.finished_at));
  for (const {phase, start, end} of row.phases) {
    addPair(times, PHASES.get(phase) || phase, `${duration(end - start)}, from +${duration(start)} to +${duration(end)}`);
  }
  return times;
}

// What went wrong, if anything did, and what was decided if that is another thing.
function reasonsOf(row, list) {
  const error = row.error || {}, headline = row.problem || error.message || row.message;
  const isTrouble = needsAttention(row) || row.error;
  if (!isTrouble || headline !== row.message) addPair(list, "Why", row.message);
  return isTrouble ? [trouble(row, headline)] : [];
}

function details(row) {
  const box = make("div", "box"), list = make("dl");
  addPair(list, "Instance", row.name ? `${row.instance_id} (${row.name})` : row.instance_id);
  addPair(list, "Group", row.group);
  addPair(list, "Verdict", row.reason ? `${row.verdict || ""} (${row.reason})`.trim() : row.verdict);
  box.append(...reasonsOf(row, list));
  addPair(list, "Image", change(row, "image"));
  addPair(list, "Status", change(row, "vendor_status"));
  addPair(list, "Zone", change(row, "zone"));
  addPair(list, "Erased disks", row.erases);
  addPair(list, "New system", PROOFS.get(row.proof) || row.proof);
  addPair(list, "Request IDs", row.request_ids);
  box.append(list, timesOf(row));
  return box;
}

function cells(row) {
  const time = cell("time");
  if (row.phases.length) time.append(track(row));
  if (lookOf(row.outcome)[1] !== "good") time.append(make("p", "why", why(row)));
  return [cell("began number", row.began === null ? "\u2013" : `+${duration(row.began)}`),
    cell("seconds number", duration(row.seconds)), time];
}

function facts() {
  const {times} = report;
  const shown = [fact("Run ID", report.run_id || "none"), fact("Started", moment(report.began)),
    fact("Finished", moment(report.ended)), fact("Duration", duration(report.seconds))];
  if (times) {
    shown.push(fact("Median host", duration(times.median)),
      fact("Slowest host", `${duration(times.slowest)} (${times.slowest_host})`));
  }
  return shown;
}

function showAxis() {
  const step = STEPS.find((size) => longest / size <= 6) || Math.ceil(longest / 6);
  document.documentElement.style.setProperty("--step", `${100 * step / longest}%`);
  for (let at = step; at < longest * 0.94; at += step) {
    const tick = make("span", "", duration(at));
    tick.style.left = `${100 * at / longest}%`;
    byId("axis").append(tick);
  }
}

showAxis();
showHosts({
  outcomes: OUTCOMES,
  totals: TOTALS,
  always: ALWAYS,
  words: wordsOf,
  cells,
  keys: {began: (row) => row.began, seconds: (row) => row.seconds},
  details,
  isPrinted: (row) => row.outcome !== "refused",
  facts,
});
