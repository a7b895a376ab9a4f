# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How the report's page looks: light and dark, wide and narrow, and on paper."""

from __future__ import annotations

# The text between the two style tags; its hash is what the page's content security policy allows.
# Phases differ by colour, height and pattern; outcomes by colour, sign and word. Text has a contrast of 4.5 at least.
STYLE = """
:root {
  --page: #f4f5f7; --card: #ffffff; --text: #1c2128; --soft: #57606a; --line: #d8dde3; --hover: #eef3f9;
  --focus: #0b57b0; --good: #0f6b4f; --good-card: #e3f3ec; --bad: #b3261e; --bad-card: #fbe9e7;
  --warn: #8a4b00; --warn-card: #fdf0dc; --quiet: #4b5560; --quiet-card: #eceff2;
  --queued: #7d8793; --stop: #b26a00; --install: #2868b2; --boot: #16867a; --ssh: #7b4ba8;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1c2026; --text: #e5e9ee; --soft: #a3adb8; --line: #343b44; --hover: #252b33;
    --focus: #8ab8ff; --good: #6fd3ab; --good-card: #17342a; --bad: #ff9d94; --bad-card: #451f1d;
    --warn: #f2b866; --warn-card: #3e2d13; --quiet: #b4bdc7; --quiet-card: #2a3038;
    --queued: #8b95a1; --stop: #e0993a; --install: #64a0ea; --boot: #45bfae; --ssh: #b58ae0;
  }
}
* { box-sizing: border-box; }
html { scrollbar-gutter: stable; }
:root { color-scheme: light dark; }
body {
  margin: 0 auto; max-width: 96rem; padding: 1.75rem clamp(0.75rem, 3vw, 2.5rem) 3rem; background: var(--page);
  color: var(--text); font: 0.875rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
[hidden] { display: none !important; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip {
  position: absolute; left: -999rem; padding: 0.5rem 1rem; background: var(--card); color: var(--text); z-index: 3;
}
.skip:focus { left: 1rem; top: 0.5rem; }
h1 { margin: 0 0 0.75rem; font-size: 1.625rem; font-weight: 650; letter-spacing: -0.01em; }
h2 { margin: 0 0 0.5rem; font-size: 0.875rem; font-weight: 600; }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
code, pre { font: 0.8125rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }

#facts { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0 0 1.5rem; }
#facts dt { color: var(--soft); font-size: 0.8125rem; }
#facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }

#totals {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0.625rem;
  margin-bottom: 1.25rem;
}
.total {
  position: relative; padding: 0.625rem 0.875rem; border: 1px solid var(--line); border-radius: 8px;
  background: var(--card);
  text-align: left;
}
.total b { display: block; font-size: 1.5rem; font-weight: 600; line-height: 1.2; font-variant-numeric: tabular-nums; }
.total .word { color: var(--soft); font-size: 0.8125rem; }
.total .sign { position: absolute; right: 0.875rem; top: 0.75rem; font-weight: 700; }
.total.good b, .total.good .sign { color: var(--good); }
.total.bad b, .total.bad .sign { color: var(--bad); }
.total.warn b, .total.warn .sign { color: var(--warn); }
.total:hover:enabled { background: var(--hover); }
.total[aria-pressed="true"] { border-color: var(--focus); box-shadow: inset 0 0 0 1px var(--focus); }
.total:disabled { cursor: default; background: none; }
.total:disabled b, .total:disabled .sign { color: var(--soft); font-weight: 400; }

#again {
  margin-bottom: 1.25rem; padding: 0.875rem 1rem; border: 1px solid var(--line); border-radius: 8px;
  background: var(--card);
}
#again .line { display: flex; align-items: center; gap: 0.75rem; flex-wrap: wrap; }
#again pre { flex: 1 1 20rem; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
#copy { padding: 0.25rem 0.875rem; border: 1px solid var(--line); border-radius: 6px; background: var(--page); }
#copy:hover { background: var(--hover); }
#copied { color: var(--soft); font-size: 0.8125rem; }
#copied:empty { display: none; }

.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; margin-bottom: 0.625rem; }
.tools label { font-weight: 600; }
#search {
  flex: 0 1 22rem; min-width: 10rem; padding: 0.375rem 0.625rem; border: 1px solid var(--queued);
  border-radius: 6px; background: var(--card);
}
#search::placeholder { color: var(--soft); opacity: 1; }
#count { margin: 0; min-width: 9rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0 0 0 auto; padding: 0; list-style: none; }
.legend li { display: flex; align-items: center; gap: 0.4rem; color: var(--soft); font-size: 0.8125rem; }
.legend i { position: relative; width: 1.75rem; }

table { display: block; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
thead, tbody { display: block; }
thead {
  position: sticky; top: 0; z-index: 2; background: var(--card); border-bottom: 1px solid var(--line);
  border-radius: 8px 8px 0 0;
}
tr {
  display: grid; align-items: center; column-gap: 0.75rem; padding: 0 1rem;
  grid-template: "name group outcome began seconds time" auto
    / minmax(9rem, 3fr) minmax(7rem, 2.5fr) 6.75rem 4.75rem 6.25rem minmax(12rem, 7fr);
}
th, td { display: block; padding: 0; text-align: left; font-weight: inherit; min-width: 0; }
.name { grid-area: name; } .group { grid-area: group; } .outcome { grid-area: outcome; }
.began { grid-area: began; } .seconds { grid-area: seconds; } .time { grid-area: time; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
thead button {
  padding: 0.5rem 0; border: 0; background: none; color: var(--soft); font-size: 0.8125rem; font-weight: 600;
}
thead button:hover { color: var(--text); }
thead button::after { content: "\\2195"; margin-left: 0.3rem; opacity: 0.6; }
[aria-sort="ascending"] button::after { content: "\\2191"; opacity: 1; }
[aria-sort="descending"] button::after { content: "\\2193"; opacity: 1; }
[aria-sort="ascending"] button, [aria-sort="descending"] button { color: var(--text); }
#axis { position: relative; height: 1.25rem; overflow: hidden; }
#axis span {
  position: absolute; padding-left: 0.3rem; border-left: 1px solid var(--line); color: var(--soft); font-size: 0.75rem;
  white-space: nowrap; font-variant-numeric: tabular-nums;
}
.host {
  min-height: 2.25rem; border-bottom: 1px solid var(--line); cursor: pointer; content-visibility: auto;
  contain-intrinsic-size: auto 2.25rem;
}
#rows > :last-child { border-bottom: 0; }
.host:hover, .host.open { background: var(--hover); }
.host.open { border-bottom-color: var(--hover); }
.host .name button {
  max-width: 100%; padding: 0.25rem 0; border: 0; background: none; text-align: left; font-weight: 500;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate;
}
.host.open .name button { white-space: normal; overflow-wrap: anywhere; }
.host .name button::before { content: "\\25B8"; display: inline-block; width: 1rem; color: var(--soft); }
.host .name button[aria-expanded="true"]::before { content: "\\25BE"; }
.host .group { color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.badge {
  display: inline-block; padding: 0.05rem 0.5rem; border-radius: 99px; font-size: 0.8125rem; font-weight: 550;
  white-space: nowrap;
}
.badge .sign { display: inline-block; width: 1.1em; font-weight: 700; }
.badge.good { color: var(--good); background: var(--good-card); }
.badge.bad { color: var(--bad); background: var(--bad-card); }
.badge.warn { color: var(--warn); background: var(--warn-card); }
.badge.quiet { color: var(--quiet); background: var(--quiet-card); }
.why {
  margin: 0; overflow: hidden; color: var(--soft); font-size: 0.8125rem; text-overflow: ellipsis;
  white-space: nowrap;
}
.bad .why { color: var(--bad); }
.track {
  position: relative; height: 1.5rem;
  background: repeating-linear-gradient(to right, transparent 0 calc(var(--step) - 1px), var(--line) 0 var(--step));
}
.track i { position: absolute; top: 50%; min-width: 2px; border-right: 1px solid var(--card); }
.track i, .legend i {
  height: 0.875rem; translate: 0 -50%; border-radius: 2px; forced-color-adjust: none; print-color-adjust: exact;
}
.legend i { top: 0; translate: none; }
i.queued { height: 0.1875rem; background: var(--queued); }
i.stop { height: 0.5rem; background: var(--stop); }
i.install { background: var(--install); }
i.boot {
  background: repeating-linear-gradient(to right, var(--boot) 0 4px, var(--card) 4px 6px);
  box-shadow: inset 0 0 0 1px var(--boot);
}
i.ssh { border-radius: 99px; background: var(--ssh); }
i.ends { height: 0.875rem; border-right: 4px solid var(--mark); }
i.ends.bad { --mark: var(--bad); } i.ends.warn { --mark: var(--warn); }
i.ends {
  background: repeating-linear-gradient(135deg, var(--mark) 0 2px, var(--card) 2px 5px);
  box-shadow: inset 0 0 0 1px var(--mark);
}

.details {
  display: block; padding: 0.25rem 1rem 1rem 2rem; border-bottom: 1px solid var(--line); background: var(--hover);
}
.box { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 0.75rem 2rem; }
.trouble { grid-column: 1 / -1; padding: 0.625rem 0.875rem; border-left: 4px solid; border-radius: 4px; }
.trouble.bad { color: var(--bad); background: var(--bad-card); border-color: var(--bad); }
.trouble.warn { color: var(--warn); background: var(--warn-card); border-color: var(--warn); }
.trouble dl { color: var(--text); }
.trouble strong, dd { overflow-wrap: anywhere; }
.box dl {
  display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0.125rem 0.75rem; align-content: start;
  margin: 0;
}
.box dl:empty { display: none; }
.trouble dl:not(:empty) { margin-top: 0.375rem; }
.box dt { color: var(--soft); grid-column: 1; }
.trouble dt { color: inherit; }
.box dd { margin: 0; grid-column: 2; font-variant-numeric: tabular-nums; }
#nothing { padding: 2rem; color: var(--soft); text-align: center; }

@media screen and (max-width: 52rem) {
  tr { grid-template: "name outcome" auto "time time" auto "group seconds" auto / 1fr auto; padding: 0.375rem 0.75rem; }
  thead tr { display: flex; flex-wrap: wrap; column-gap: 0.625rem; padding: 0.125rem 0.75rem; }
  thead .time { flex: 1 0 100%; }
  [aria-sort="none"] button::after { content: none; }
  .host { contain-intrinsic-size: auto 5rem; }
  .host .began { display: none; }
  .legend { margin: 0; }
  .why { white-space: normal; }
  .details { padding-left: 1rem; }
  .box { grid-template-columns: minmax(0, 1fr); }
}
@media print {
  @page { margin: 12mm; }
  :root { color-scheme: light; }
  tr { column-gap: 0.5rem; padding: 0 0.5rem; grid-template-columns: 2fr 2fr 6rem 4rem 5.5rem 4fr; }
  html { font-size: 9pt; scrollbar-gutter: auto; }
  body { max-width: none; padding: 0; background: none; }
  .tools label, .tools input, #count, #copy, #copied, #nothing, .skip { display: none !important; }
  thead button::after, .host .name button::before { display: none; }
  tr.host[hidden] { display: grid !important; }
  tr.details[hidden] { display: block !important; }
  thead { position: static; }
  .host { content-visibility: visible; min-height: 0; break-inside: avoid; }
  .host.open { break-after: avoid; }
  .host, .host.open, .details { background: none; }
  .details { break-inside: avoid; }
  .why, .host .name button, .host .group { white-space: normal; overflow-wrap: anywhere; }
  .badge, .trouble, .total { print-color-adjust: exact; }
  .total[aria-pressed="true"] { border-color: var(--line); box-shadow: none; }
  .legend { margin: 0; }
}
"""
