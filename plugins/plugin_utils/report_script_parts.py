# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the report's page is made of: how values are told, and the elements for them. Text stays text, never HTML."""

from __future__ import annotations

# Plain JavaScript, which the script of the page begins with.
PARTS = r"""
"use strict";

const report = JSON.parse(document.getElementById("report").textContent);

// Each outcome with its sign and its colour, in the order in which they need attention.
const OUTCOMES = new Map([
  ["failed", ["\u2715", "bad"]], ["unknown", ["?", "warn"]], ["timeout", ["\u2026", "warn"]],
  ["not proven", ["!", "warn"]], ["refused", ["\u2298", "warn"]], ["reset", ["\u2713", "good"]],
  ["rebooted", ["\u2713", "good"]], ["started", ["\u2713", "good"]], ["stopped", ["\u2713", "good"]],
  ["accepted", ["\u2192", "quiet"]], ["unchanged", ["=", "quiet"]],
]);
const ALWAYS = ["reset", "unchanged", "refused", "failed", "unknown", "timeout"];
const ORDER = [...OUTCOMES.keys()];
const PHASES = new Map([
  ["queued", "Queued"], ["stop", "Stop"], ["install", "Install"], ["boot", "Boot"], ["ssh", "SSH"],
]);
const PROOFS = new Map([
  ["identity", "another installation answers"], ["age", "newly installed, by the age of the system"],
  ["none", "nothing to compare with: reset by the provider's word only"], ["same", "the old installation answers"],
  ["unreachable", "it cannot be logged in to"],
]);
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

const byId = (id) => document.getElementById(id);

function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
}

function role(element, name) {
  element.setAttribute("role", name);
  return element;
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "\u2013";
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole % 3600 / 60), rest = whole % 60;
  const parts = [[hours, "h"], [minutes, "min"], [rest, "s"]].filter(([count]) => count);
  return parts.map((part) => part.join(" ")).join(" ");
}

const moment = (text) => text ? text.replace("T", " ").replace("Z", " UTC") : "\u2013";
const look = (outcome) => OUTCOMES.get(outcome) || ["?", "warn"];
const isIll = (row) => ["bad", "warn"].includes(look(row.outcome)[1]);

function badge(outcome) {
  const [sign, colour] = look(outcome);
  const element = make("span", `badge ${colour}`);
  const mark = make("span", "sign", sign);
  mark.setAttribute("aria-hidden", "true");
  element.append(mark, outcome);
  return element;
}

// One host: what is known of it, the words it is found by, and its elements.
const items = Object.entries(report.hosts).map(([host, row]) => {
  const error = row.error || {};
  const words = [host, row.instance_id, row.name, row.group, row.outcome, row.verdict, row.reason, row.message,
    row.problem, error.code, error.message, error.request_id, row.before && row.before.image,
    row.after && row.after.image, ...row.request_ids];
  return {host, row, text: words.filter(Boolean).join("\n").toLowerCase(), element: null, button: null, details: null};
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

function cell(name, ...content) {
  const element = role(make("td", name), "cell");
  element.append(...content);
  return element;
}

function pair(list, name, value) {
  const values = [].concat(value).filter((one) => one !== null && one !== undefined && one !== "");
  if (values.length) list.append(make("dt", "", name), ...values.map((one) => make("dd", "", one)));
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
  if (ill) {
    const trouble = make("div", `trouble ${look(row.outcome)[1]}`);
    trouble.append(make("strong", "", headline));
    const list = make("dl");
    pair(list, "Code", error && error.code);
    pair(list, "Request id", error && error.request_id);
    pair(list, "Advice", error && error.advice);
    trouble.append(list);
    box.append(trouble);
  }
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
"""
