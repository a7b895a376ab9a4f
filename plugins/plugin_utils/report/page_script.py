# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What every page of hosts does: a row for each host, search, order, totals and details. Text stays text, never HTML.

A page's own script stands between the two parts and says what its hosts are: ``OUTCOMES`` with sign and colour, ``ALWAYS``
(those that have a total even when there are none), ``items``, ``MORE_KEYS``, ``cells``, ``describe``, ``facts`` and
``isPrinted``.
"""

from __future__ import annotations

# Plain JavaScript: how values are told, and the elements for them.
TOOLS = r"""
"use strict";

const report = JSON.parse(document.getElementById("report").textContent);

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

function cell(name, ...content) {
  const element = role(make("td", name), "cell");
  element.append(...content);
  return element;
}

function pair(list, name, value) {
  const values = [].concat(value).filter((one) => one !== null && one !== undefined && one !== "");
  if (values.length) list.append(make("dt", "", name), ...values.map((one) => make("dd", "", one)));
}

// What went wrong, with what the provider said of it.
function trouble(row, headline) {
  const box = make("div", `trouble ${look(row.outcome)[1]}`), list = make("dl"), error = row.error || {};
  pair(list, "Code", error.code);
  pair(list, "Request id", error.request_id);
  pair(list, "Advice", error.advice);
  box.append(make("strong", "", headline), list);
  return box;
}

// One host: what is known of it, the words it is found by, and its elements.
function itemOf(host, row, words) {
  const text = [host, ...words].filter(Boolean).join("\n").toLowerCase();
  return {host, row, text, element: null, button: null, details: null};
}
"""

# Plain JavaScript, which every script of a page ends with: it builds the rows and listens.
LIST = r"""
function build(item) {
  const {host, row} = item;
  const element = role(make("tr", `host ${look(row.outcome)[1]}`), "row");
  const head = role(make("th", "name"), "rowheader");
  head.scope = "row";
  item.button = make("button", "", host);
  item.button.type = "button";
  item.button.setAttribute("aria-expanded", "false");
  item.button.title = host;
  head.append(item.button);
  element.append(head, cell("group", row.group || "\u2013"), cell("outcome", badge(row.outcome)), ...cells(row));
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
  ...MORE_KEYS,
};
const ORDER = [...OUTCOMES.keys()];
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
  const extra = Object.keys(report.counts).filter((outcome) => !ALWAYS.includes(outcome));
  const shown = [...ALWAYS, ...extra].map((name) => total(name, report.counts[name] || 0));
  byId("totals").append(total("", items.length), ...shown);
  document.querySelector("main").hidden = false;
  byId("facts").append(...facts());
  byId("again").hidden = !report.command;
  byId("command").textContent = report.command || "";
  byId("copy").addEventListener("click", copy);
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
    printed = items.filter((item) => !item.details && isIll(item.row) && isPrinted(item.row));
    printed.forEach((item) => toggle(item, true));
  });
  addEventListener("afterprint", () => printed.forEach((item) => toggle(item, false)));
}

start();
"""


def script(own: str) -> str:
    """The text between the two script tags of a page; its hash is what the page's content security policy allows."""
    return TOOLS + own + LIST
