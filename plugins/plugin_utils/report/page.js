// What every page of hosts has: totals, search, order, rows, details and print. Text stays text, never HTML.
// A page's own script comes after this one and calls showHosts with what its kind of host is.
"use strict";

const report = JSON.parse(document.getElementById("report").textContent);
// What showHosts was given, and the hosts as items, in the order in which they are shown.
let kind = null;
let items = [];

const byId = (id) => document.getElementById(id);

function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
}

function withRole(element, name) {
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

// Sign and colour of an outcome, and whether it needs a person.
const lookOf = (outcome) => kind.outcomes.get(outcome) || ["?", "warn"];
const needsAttention = (row) => ["bad", "warn"].includes(lookOf(row.outcome)[1]);

function hiddenSign(sign) {
  const mark = make("span", "sign", sign);
  mark.setAttribute("aria-hidden", "true");
  return mark;
}

function badge(outcome) {
  const [sign, colour] = lookOf(outcome);
  const element = make("span", `badge ${colour}`);
  element.append(hiddenSign(sign), outcome);
  return element;
}

function cell(name, ...content) {
  const element = withRole(make("td", name), "cell");
  element.append(...content);
  return element;
}

function addPair(list, name, value) {
  const values = [].concat(value).filter((part) => part !== null && part !== undefined && part !== "");
  if (values.length) list.append(make("dt", "", name), ...values.map((part) => make("dd", "", part)));
}

// What went wrong, with what the provider said of it.
function trouble(row, headline) {
  const box = make("div", `trouble ${lookOf(row.outcome)[1]}`), list = make("dl"), error = row.error || {};
  addPair(list, "Code", error.code);
  addPair(list, "Request ID", error.request_id);
  addPair(list, "Advice", error.advice);
  box.append(make("strong", "", headline), list);
  return box;
}

function fact(name, value) {
  const element = make("div");
  element.append(make("dt", "", name), make("dd", "", value));
  return element;
}

// One host: what is known of it, the words it is found by, and its elements.
function makeItem(host, row, words) {
  const text = [host, ...words].filter(Boolean).join("\n").toLowerCase();
  return {host, row, text, element: null, button: null, details: null};
}

function buildRow(item) {
  const {host, row} = item;
  const element = withRole(make("tr", `host ${lookOf(row.outcome)[1]}`), "row");
  const head = withRole(make("th", "name"), "rowheader");
  head.scope = "row";
  item.button = make("button", "", host);
  item.button.type = "button";
  item.button.setAttribute("aria-expanded", "false");
  head.append(item.button);
  const cells = [cell("group", row.group || "\u2013"), cell("outcome", badge(row.outcome)), ...kind.cells(row)];
  element.append(head, ...cells);
  element.addEventListener("click", (event) => {
    if (event.target === item.button || !String(getSelection())) toggle(item, !item.details);
  });
  element.addEventListener("keydown", (event) => closeByKey(item, event));
  item.element = element;
}

function toggle(item, open) {
  item.button.setAttribute("aria-expanded", String(open));
  item.element.classList.toggle("open", open);
  if (item.details) item.details.remove();
  item.details = null;
  if (!open) return;
  const inside = cell("", kind.details(item.row));
  inside.colSpan = 6;
  inside.setAttribute("aria-label", `Details of ${item.host}`);
  item.details = withRole(make("tr", "details"), "row");
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
const view = {outcome: "", key: "outcome", down: false};
const search = byId("search");

function keyOf(item) {
  switch (view.key) {
    case "host": return item.host;
    case "group": return item.row.group;
    case "outcome": return [...kind.outcomes.keys()].indexOf(item.row.outcome);
    default: return kind.keys[view.key](item.row);
  }
}

function compare(left, right) {
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? 2 : -2; // what is not known stays last
  const order = typeof left === "string" ? names.compare(left, right) : left - right;
  return Math.sign(order) * (view.down ? -1 : 1);
}

function sort() {
  const keys = new Map(items.map((item) => [item, keyOf(item)]));
  items.sort((left, right) => compare(keys.get(left), keys.get(right)) || names.compare(left.host, right.host));
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
  for (const button of document.querySelectorAll(".total")) {
    button.setAttribute("aria-pressed", String(button.dataset.outcome === view.outcome));
  }
}

function total(outcome, count) {
  const [sign, colour] = outcome ? lookOf(outcome) : ["\u2211", "quiet"];
  const button = make("button", `total ${colour}`);
  button.type = "button";
  button.dataset.outcome = outcome;
  button.disabled = !count;
  button.append(make("b", "", count), make("span", "word", outcome || "hosts"), hiddenSign(sign));
  button.addEventListener("click", () => {
    view.outcome = view.outcome === outcome ? "" : outcome;
    filter();
  });
  return button;
}

// The totals of outcomes that ask for the same: those that happened, and those that a reader looks for.
function totalsOf(name, outcomes) {
  const shown = outcomes.filter((outcome) => report.counts[outcome] || kind.always.includes(outcome));
  if (!shown.length) return [];
  return [totalsGroup(name, shown.map((outcome) => total(outcome, report.counts[outcome] || 0)))];
}

function totalsGroup(name, buttons) {
  const group = withRole(make("div", "totals"), "group"), row = make("div");
  group.setAttribute("aria-label", name);
  row.append(...buttons);
  group.append(make("h2", "", name), row);
  return group;
}

function showTotals() {
  byId("totals").append(totalsGroup("All", [total("", items.length)]));
  const other = Object.keys(report.counts).filter((outcome) => !kind.outcomes.has(outcome));
  for (const [name, outcomes] of [...kind.totals, ["Other", other]]) {
    byId("totals").append(...totalsOf(name, outcomes));
  }
}

async function copy() {
  const text = byId("command");
  getSelection().selectAllChildren(text);
  try {
    await navigator.clipboard.writeText(text.textContent);
    byId("copied").textContent = "Copied";
  } catch {
    byId("copied").textContent = "Selected: press Ctrl+C";
  }
}

function showCommand() {
  const caveats = report.caveats || [];
  byId("again").hidden = !report.command && !caveats.length;
  byId("again").querySelector(".line").hidden = !report.command;
  byId("command").textContent = report.command || "";
  byId("caveats").append(...caveats.map((sentence) => make("li", "", sentence)));
  byId("copy").addEventListener("click", copy);
}

function sortBy(key) {
  view.down = key === view.key && !view.down;
  view.key = key;
  sort();
}

// On paper there is nothing to activate: what needs attention is printed with its details.
function openOnPaper() {
  let printed = [];
  addEventListener("beforeprint", () => {
    printed = items.filter((item) => !item.details && needsAttention(item.row) && kind.isPrinted(item.row));
    printed.forEach((item) => toggle(item, true));
  });
  addEventListener("afterprint", () => printed.forEach((item) => toggle(item, false)));
}

// Show all hosts of the report. What a kind of host is:
//   outcomes   Map of each outcome to its sign and colour, in the order in which they need attention
//   totals     the outcomes in groups, each with its name; always: those that have a total even when there are none
//   words      the words that a row is found by
//   cells      the cells of a row after its name, group and outcome; keys: what these are sorted by
//   details    what is shown of a row when it is opened; isPrinted: whether it is opened on paper
//   facts      what is told of the whole
// A row is what the report holds of a host.
function showHosts(what) {
  kind = what;
  items = Object.entries(report.hosts).map(([host, row]) => makeItem(host, row, kind.words(row)));
  showTotals();
  document.querySelector("main").hidden = false;
  byId("facts").append(...kind.facts());
  showCommand();
  items.forEach(buildRow);
  sort();
  filter();
  search.addEventListener("input", filter);
  for (const head of document.querySelectorAll("th[data-key]")) {
    head.querySelector("button").addEventListener("click", () => sortBy(head.dataset.key));
  }
  openOnPaper();
}
