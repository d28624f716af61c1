/**
 * The styles of the HTML page and of the pages of cases.
 *
 * @module
 */

export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f5f6f8, #12151b);
  --card: light-dark(#ffffff, #1a1e26);
  --line: light-dark(#dfe3ea, #2d3440);
  --text: light-dark(#18202e, #e4e8ef);
  --muted: light-dark(#576175, #9aa5b8);
  --accent: light-dark(#3d4fc4, #9dadff);
  --fail: light-dark(#b3122a, #ff8f99);
  --fail-card: light-dark(#fbdce0, #4a1d25);
  --error: light-dark(#7b2fa8, #d9a6f5);
  --error-card: light-dark(#eddcf7, #3d2450);
  --warn: light-dark(#774c00, #f2c46c);
  --warn-card: light-dark(#fbeac8, #44330f);
  --info: light-dark(#1f4fae, #9cc1ff);
  --info-card: light-dark(#dde8fc, #1d3054);
  --skip: light-dark(#576175, #9aa5b8);
  --skip-card: light-dark(#eceff3, #262c36);
  --pass: light-dark(#176333, #7fdba0);
  --pass-card: light-dark(#dcf3e3, #16301f);
  --suite-card: light-dark(#eef1f8, #222836);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font: 14px / 1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  color: var(--text);
  background: var(--page);
}
* { box-sizing: border-box; }
body { margin: 0; }
h1 { font-size: 18px; margin: 0; }
h2 { font-size: 15px; margin: 0; }
h3 { font-size: 12px; margin: 14px 0 4px; color: var(--muted); font-weight: 600; }
p { margin: 4px 0; }
a { color: var(--accent); text-underline-offset: 2px; }
ul, ol { margin: 4px 0; padding-left: 20px; }
code, .hex { font: 12px / 1.5 var(--mono); }
blockquote { margin: 4px 0; padding: 2px 0 2px 12px; border-left: 3px solid var(--line); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.muted { color: var(--muted); font-size: 12px; }
.fail { color: var(--fail); background: var(--fail-card); }
.error { color: var(--error); background: var(--error-card); }
.warn { color: var(--warn); background: var(--warn-card); }
.info { color: var(--info); background: var(--info-card); }
.skip { color: var(--skip); background: var(--skip-card); }
.pass { color: var(--pass); background: var(--pass-card); }
.badge { display: inline-block; padding: 1px 8px; border-radius: 6px; font-weight: 600; font-size: 12px; }
.hex { word-break: break-word; }
.note { font: 12px / 1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
`

/** The matrix, its filters and the dialog of a result. */
export const matrixStyle = `
header { padding: 14px 20px 10px; background: var(--card); border-bottom: 1px solid var(--line); }
form { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center; margin-top: 10px; }
form label { display: inline-flex; gap: 5px; align-items: center; }
form fieldset { display: flex; flex-wrap: wrap; gap: 4px 12px; border: 0; margin: 0; padding: 0; }
legend { float: left; padding: 0 6px 0 0; color: var(--muted); }
input[type="search"], select, button.plain {
  font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 7px; padding: 4px 9px;
}
button.plain:disabled { color: var(--muted); }
input[type="search"] { width: 230px; }
body { display: flex; flex-direction: column; height: 100vh; }
main { flex: 1; padding: 0 20px 60px; overflow: auto; }
table { border-collapse: separate; border-spacing: 0; margin-bottom: 26px; }
caption { text-align: left; font-weight: 650; padding: 14px 0 8px; }
th, td { border-bottom: 1px solid var(--line); padding: 0; text-align: left; font-weight: 400; background: var(--card); }
thead th { position: sticky; top: 0; z-index: 2; vertical-align: bottom; padding: 6px 8px; font-weight: 600; font-size: 12px;
  border-left: 1px solid var(--line); overflow-wrap: anywhere; }
thead th .counts { font-weight: 400; color: var(--muted); display: block; }
th:first-child { position: sticky; left: 0; z-index: 1; border-left: 0; }
thead th:first-child { z-index: 3; padding-left: 10px; }
tbody th { padding: 3px 14px 3px 10px; min-width: 320px; max-width: 560px; }
tbody th .id { display: block; color: var(--muted); font: 11px / 1.4 var(--mono); overflow-wrap: anywhere; }
tr.section th { background: var(--page); color: var(--muted); font-weight: 600; padding-top: 14px; }
td { min-width: 92px; height: 36px; border-left: 1px solid var(--line); }
td button { font: inherit; font-size: 12px; color: inherit; background: none; border: 0; width: 100%; height: 100%; padding: 3px 8px;
  cursor: pointer; text-align: left; }
td button:hover { text-decoration: underline; }
td button:focus-visible { outline-offset: -2px; }
td .reason { font-weight: 400; color: var(--text); }
td.wide { max-width: 620px; min-width: 420px; }
td.wide button { display: flex; gap: 10px; align-items: center; }
td.wide button b { min-width: 34px; }
dialog { width: min(940px, calc(100vw - 24px)); max-height: calc(100vh - 48px); border: 1px solid var(--line); border-radius: 12px;
  padding: 0; background: var(--card); color: var(--text); }
dialog::backdrop { background: rgb(0 0 0 / 45%); }
.bar { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: 10px; align-items: baseline; padding: 12px 18px; background: var(--card);
  border-bottom: 1px solid var(--line); }
.bar h2 { flex: 1 1 240px; overflow-wrap: anywhere; }
.body { padding: 4px 18px 20px; }
.entry { display: grid; grid-template-columns: 74px minmax(0, 1fr); gap: 0 10px; border-radius: 7px; padding: 6px 10px; margin: 4px 0; }
.entry.suite { background: var(--suite-card); margin-right: 40px; }
.entry.agent { border: 1px solid var(--line); margin-left: 40px; }
.entry p { grid-column: 2; margin: 2px 0 0; }
.entry .hex { color: var(--muted); }
@media (max-width: 700px) {
  tbody th { min-width: 170px; }
  tbody th:first-child { position: static; }
  header, main { padding-left: 12px; padding-right: 12px; }
  body { height: auto; }
  td.wide { min-width: 150px; }
}
`
