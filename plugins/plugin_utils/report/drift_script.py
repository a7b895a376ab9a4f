# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the page of a report on drift shows of a host: its state, its image now, and the image that it should run."""

from __future__ import annotations

from .page_script import script

OWN = r"""
// Each state with its sign and its colour, in the order in which they need attention.
const OUTCOMES = new Map([
  ["not readable", ["\u2715", "bad"]], ["not found", ["?", "bad"]], ["recycled", ["\u2298", "warn"]],
  ["reset failed", ["\u2715", "bad"]], ["drifted", ["\u2260", "warn"]], ["resetting", ["\u2026", "quiet"]],
  ["no wanted image", ["\u2013", "quiet"]], ["wanted", ["\u2713", "good"]],
]);
const ALWAYS = ["drifted", "wanted", "reset failed", "resetting", "not found", "not readable"];
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"]];

const items = Object.entries(report.hosts).map(([host, found]) => {
  const row = {...found, outcome: found.state}, error = row.error || {};
  const tags = Object.entries(row.tags || {}).map((tag) => tag.join("="));
  return itemOf(host, row, [row.instance_id, row.name, row.group, row.region, row.zone, row.state, row.status,
    row.vendor_status, row.image_id, row.image_name, row.wanted_image_id, row.message, error.code, error.message,
    error.request_id, ...tags]);
});

// The cells of a host after its name, group and state, and what they are sorted by.
const MORE_KEYS = {
  now: (item) => item.row.image_id, wanted: (item) => item.row.wanted_image_id, age: (item) => item.row.age,
};

function age(seconds) {
  if (seconds === null) return "\u2013";
  const [size, unit] = UNITS.find(([one]) => seconds >= one) || [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function cells(row) {
  const now = row.image_id ? cell("now", row.image_id) : cell("now", make("p", "why", row.message));
  return [now, cell("wanted", row.wanted_image_id || "\u2013"), cell("age number", age(row.age))];
}

function describe({row}) {
  const box = make("div", "box"), facts = make("dl"), more = make("dl", "times");
  const ill = isIll(row);
  if (ill) box.append(trouble(row, row.message));
  pair(facts, "Instance", row.name ? `${row.instance_id} (${row.name})` : row.instance_id);
  pair(facts, "Group", row.group);
  if (!ill) pair(facts, "Why", row.message);
  pair(facts, "Image now", row.image_name ? `${row.image_id} (${row.image_name})` : row.image_id);
  pair(facts, "Image wanted", row.wanted_image_id);
  pair(facts, "Status", row.status && `${row.status} (${row.vendor_status})`);
  pair(more, "Region", row.region);
  pair(more, "Zone", row.zone);
  pair(more, "Last reset", row.since && moment(row.since));
  pair(more, "Created", row.created_at);
  pair(more, "Tags", Object.entries(row.tags || {}).map((tag) => tag.join("=")));
  box.append(facts, more);
  return box;
}

const facts = () => [fact("Read", moment(report.at)), fact("To rebuild", String(report.drifted.length)),
  fact("Groups not readable", Object.keys(report.unreadable).join(", ") || "none")];

const isPrinted = () => true;
"""

SCRIPT = script(OWN)
