# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the report's page does: it shows a row for each host, searches, sorts and opens details."""

from __future__ import annotations

from ansible_collections.reforge.cloud.plugins.plugin_utils.report_script_parts import PARTS

VIEW = r"""
function build(item) {
  const {host, row} = item;
  const colour = look(row.outcome)[1];
  const element = role(make("tr", `host ${colour}`), "row");
  const head = role(make("th", "name"), "rowheader");
  head.scope = "row";
  item.button = make("button", "", host);
  item.button.type = "button";
  item.button.setAttribute("aria-expanded", "false");
  item.button.title = host;
  head.append(item.button);
  const time = cell("time");
  if (row.phases.length) time.append(track(row));
  if (colour !== "good") time.append(make("p", "why", why(row)));
  element.append(head, cell("group", row.group || "\u2013"), cell("outcome", badge(row.outcome)),
    cell("began number", row.began === null ? "\u2013" : `+${duration(row.began)}`),
    cell("seconds number", duration(row.seconds)), time);
  element.addEventListener("click", (event) => {
    if (event.target === item.button || !String(getSelection())) toggle(item, !item.details);
  });
  element.addEventListener("keydown", (event) => closeByKey(item, event));
  item.element = element;
}

function toggle(item, wanted) {
  item.button.setAttribute("aria-expanded", String(wanted));
  item.element.classList.toggle("open", wanted);
  if (item.details) item.details.remove();
  item.details = null;
  if (!wanted) return;
  const inside = cell("", describe(item));
  inside.colSpan = 6;
  inside.setAttribute("aria-label", `Details of ${item.host}`);
  item.details = role(make("tr", "details"), "row");
  item.details.append(inside);
  item.details.addEventListener("keydown", (event) => closeByKey(item, event));
  item.element.after(item.details);
}

function closeByKey(item, event) {
  if (event.key !== "Escape" || !item.details) return;
  toggle(item, false);
  item.button.focus();
}

// What is shown: the search, one outcome or all of them, and the order.
const names = new Intl.Collator("en", {numeric: true});
const KEYS = {
  host: (item) => item.host,
  group: (item) => item.row.group,
  outcome: (item) => ORDER.indexOf(item.row.outcome),
  began: (item) => item.row.began,
  seconds: (item) => item.row.seconds,
};
const view = {outcome: "", key: "outcome", down: false};
const search = byId("search");

function compare(left, right) {
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? 2 : -2; // what is not known stays last
  const order = typeof left === "string" ? names.compare(left, right) : left - right;
  return Math.sign(order) * (view.down ? -1 : 1);
}

function sort() {
  const key = KEYS[view.key];
  items.sort((left, right) => compare(key(left), key(right)) || names.compare(left.host, right.host));
  byId("rows").replaceChildren(...items.flatMap(({element, details}) => details ? [element, details] : [element]));
  for (const head of document.querySelectorAll("th[data-key]")) {
    const order = view.down ? "descending" : "ascending";
    head.setAttribute("aria-sort", head.dataset.key === view.key ? order : "none");
  }
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of items) {
    const chosen = !view.outcome || item.row.outcome === view.outcome;
    const fits = chosen && words.every((word) => item.text.includes(word));
    item.element.hidden = !fits;
    if (item.details) item.details.hidden = !fits;
    shown += fits;
  }
  byId("count").textContent = shown === items.length ? `${shown} hosts` : `${shown} of ${items.length} hosts`;
  byId("nothing").hidden = shown > 0;
  for (const button of byId("totals").children) {
    button.setAttribute("aria-pressed", String(button.dataset.outcome === view.outcome));
  }
}

function total(outcome, count) {
  const [sign, colour] = outcome ? look(outcome) : ["\u2211", "quiet"];
  const button = make("button", `total ${colour}`);
  button.type = "button";
  button.dataset.outcome = outcome;
  button.disabled = !count;
  const mark = make("span", "sign", sign);
  mark.setAttribute("aria-hidden", "true");
  button.append(make("b", "", count), make("span", "word", outcome || "all hosts"), mark);
  button.addEventListener("click", () => {
    view.outcome = view.outcome === outcome ? "" : outcome;
    filter();
  });
  return button;
}

function fact(name, value) {
  const element = make("div");
  element.append(make("dt", "", name), make("dd", "", value));
  return element;
}

function axis() {
  const step = STEPS.find((one) => longest / one <= 6) || Math.ceil(longest / 6);
  document.documentElement.style.setProperty("--step", `${100 * step / longest}%`);
  for (let at = step; at < longest * 0.94; at += step) {
    const tick = make("span", "", duration(at));
    tick.style.left = `${100 * at / longest}%`;
    byId("axis").append(tick);
  }
}

async function copy() {
  const text = byId("command");
  getSelection().selectAllChildren(text);
  try {
    await navigator.clipboard.writeText(text.textContent);
    byId("copied").textContent = "Copied";
  } catch {
    byId("copied").textContent = "Selected: copy it with Ctrl+C";
  }
}

function start() {
  const {times, counts} = report;
  const extra = Object.keys(counts).filter((outcome) => !ALWAYS.includes(outcome));
  const shown = [...ALWAYS, ...extra].map((name) => total(name, counts[name] || 0));
  byId("totals").append(total("", items.length), ...shown);
  document.querySelector("main").hidden = false;
  byId("facts").append(fact("Run", report.run_id || "without a name"), fact("Began", moment(report.began)),
    fact("Ended", moment(report.ended)), fact("Took", duration(report.seconds)));
  if (times) {
    byId("facts").append(fact("Median host", duration(times.median)),
      fact("Slowest host", `${duration(times.slowest)} (${times.slowest_host})`));
  }
  byId("again").hidden = !report.command;
  byId("command").textContent = report.command || "";
  byId("copy").addEventListener("click", copy);
  axis();
  items.forEach(build);
  sort();
  filter();
  search.addEventListener("input", filter);
  for (const head of document.querySelectorAll("th[data-key]")) {
    head.querySelector("button").addEventListener("click", () => {
      view.down = head.dataset.key === view.key && !view.down;
      view.key = head.dataset.key;
      sort();
    });
  }
  // On paper there is nothing to activate: what needs attention is printed with its details.
  let printed = [];
  addEventListener("beforeprint", () => {
    printed = items.filter((item) => !item.details && isIll(item.row) && item.row.outcome !== "refused");
    printed.forEach((item) => toggle(item, true));
  });
  addEventListener("afterprint", () => printed.forEach((item) => toggle(item, false)));
}

start();
"""

# The text between the two script tags; its hash is what the page's content security policy allows.
SCRIPT = PARTS + VIEW
