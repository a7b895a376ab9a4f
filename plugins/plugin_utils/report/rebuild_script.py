# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the page of a rebuild shows of a host: its outcome, its phases on one axis of time, and why."""

from __future__ import annotations

from .page_script import script

OWN = r"""
// Each outcome with its sign and its colour, in the order in which they need attention.
const OUTCOMES = new Map([
  ["failed", ["\u2715", "bad"]], ["unknown", ["?", "warn"]], ["timeout", ["\u2026", "warn"]],
  ["not proven", ["!", "warn"]], ["refused", ["\u2298", "warn"]], ["reset", ["\u2713", "good"]],
  ["rebooted", ["\u2713", "good"]], ["started", ["\u2713", "good"]], ["stopped", ["\u2713", "good"]],
  ["accepted", ["\u2192", "quiet"]], ["unchanged", ["=", "quiet"]],
]);
const ALWAYS = ["reset", "unchanged", "refused", "failed", "unknown", "timeout"];
const PHASES = new Map([
  ["queued", "Queued"], ["stop", "Stop"], ["install", "Install"], ["boot", "Boot"], ["ssh", "SSH"],
]);
const PROOFS = new Map([
  ["identity", "another installation answers"], ["age", "newly installed, by the age of the system"],
  ["none", "nothing to compare with: reset by the provider's word only"], ["same", "the old installation answers"],
  ["unreachable", "it cannot be logged in to"],
]);
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

const items = Object.entries(report.hosts).map(([host, row]) => {
  const error = row.error || {};
  return itemOf(host, row, [row.instance_id, row.name, row.group, row.outcome, row.verdict, row.reason, row.message,
    row.problem, error.code, error.message, error.request_id, row.before && row.before.image,
    row.after && row.after.image, ...row.request_ids]);
});
const longest = Math.max(report.seconds, 1, ...items.map(({row}) => row.phases.length ? row.phases.at(-1).end : 0));

function why(row) {
  const code = row.error && row.error.code;
  const sentence = row.problem || row.message || (row.error && row.error.message) || "";
  return code && !sentence.includes(code) ? `${code}: ${sentence}` : sentence;
}

function track(row) {
  const element = role(make("div", "track"), "img");
  const said = row.phases.map(({phase, start, end}) => `${PHASES.get(phase) || phase} ${duration(end - start)}`)
    .join(", ");
  element.setAttribute("aria-label", said);
  element.title = said;
  row.phases.forEach(({phase, start, end}, index) => {
    const last = isIll(row) && index === row.phases.length - 1;
    const bar = make("i", `${PHASES.has(phase) ? phase : "queued"}${last ? ` ends ${look(row.outcome)[1]}` : ""}`);
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

function describe({row}) {
  const box = make("div", "box");
  const error = row.error;
  const ill = isIll(row) || error;
  const headline = row.problem || (error && error.message) || row.message;
  if (ill) box.append(trouble(row, headline));
  const facts = make("dl"), times = make("dl", "times");
  pair(facts, "Instance", row.name ? `${row.instance_id} (${row.name})` : row.instance_id);
  pair(facts, "Group", row.group);
  pair(facts, "Decided", [row.verdict, row.reason && `(${row.reason})`].filter(Boolean).join(" "));
  if (!ill || headline !== row.message) pair(facts, "Why", row.message);
  pair(facts, "Image", change(row, "image"));
  pair(facts, "State", change(row, "vendor_status"));
  pair(facts, "Zone", change(row, "zone"));
  pair(facts, "Erased disks", row.erases);
  pair(facts, "New system", PROOFS.get(row.proof) || row.proof);
  pair(facts, "Request ids", row.request_ids);
  pair(times, "Started", moment(row.started_at));
  pair(times, "Finished", moment(row.finished_at));
  for (const {phase, start, end} of row.phases) {
    pair(times, PHASES.get(phase) || phase, `${duration(end - start)}, from +${duration(start)} to +${duration(end)}`);
  }
  box.append(facts, times);
  return box;
}

// The cells of a host after its name, group and outcome, and what they are sorted by.
const MORE_KEYS = {began: (item) => item.row.began, seconds: (item) => item.row.seconds};

function cells(row) {
  const time = cell("time");
  if (row.phases.length) time.append(track(row));
  if (look(row.outcome)[1] !== "good") time.append(make("p", "why", why(row)));
  return [cell("began number", row.began === null ? "\u2013" : `+${duration(row.began)}`),
    cell("seconds number", duration(row.seconds)), time];
}

function facts() {
  const {times} = report;
  const told = [fact("Run", report.run_id || "without a name"), fact("Began", moment(report.began)),
    fact("Ended", moment(report.ended)), fact("Took", duration(report.seconds))];
  if (times) {
    told.push(fact("Median host", duration(times.median)),
      fact("Slowest host", `${duration(times.slowest)} (${times.slowest_host})`));
  }
  return told;
}

const isPrinted = (row) => row.outcome !== "refused";

function axis() {
  const step = STEPS.find((one) => longest / one <= 6) || Math.ceil(longest / 6);
  document.documentElement.style.setProperty("--step", `${100 * step / longest}%`);
  for (let at = step; at < longest * 0.94; at += step) {
    const tick = make("span", "", duration(at));
    tick.style.left = `${100 * at / longest}%`;
    byId("axis").append(tick);
  }
}

axis();
"""

SCRIPT = script(OWN)
