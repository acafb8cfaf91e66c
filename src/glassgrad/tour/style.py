"""The style of the tour's page: one column, light and dark mode, readable on a phone, without files from the web."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1d2433; --soft: #596274; --line: #e1e4ea;
  --blue: #0064a8; --good: #00704f; --bad: #b3261e; --code: #f3f4f7;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161d; --card: #1a2029; --ink: #e6e9ef; --soft: #a0a9b8; --line: #2d3542;
    --blue: #6bb8f0; --good: #4fcf9f; --bad: #ff8a80; --code: #151a22;
  }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 54rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: clamp(1.9rem, 6vw, 2.7rem); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 .6rem }
h2 { font-size: 1.45rem; line-height: 1.25; letter-spacing: -.01em; margin: 3.2rem 0 .6rem }
h3 { font-size: 1.05rem; margin: 2rem 0 .4rem }
p { margin: .6rem 0; max-width: 42rem }
a { color: var(--blue) }
.lead { font-size: 1.15rem; color: var(--soft) }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem;
  margin: 1.6rem 0 0; padding: 0; list-style: none
}
.tiles li {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .8rem 1rem
}
.tiles b {
  display: block; font-size: 1.55rem; line-height: 1.25; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums
}
.tiles span { color: var(--soft); font-size: .88rem; line-height: 1.35; display: block }
figure {
  margin: 1.2rem 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1rem
}
.wide .glassgrad { --gg-back-fill: none }
.paper svg :is(polygon[fill="white"], .back > *) { fill: none }
@media (prefers-color-scheme: dark) {
  .paper svg { filter: invert(.9) hue-rotate(180deg) }
}
figcaption { color: var(--soft); font-size: .92rem; line-height: 1.45; margin-top: .7rem }
.wide { overflow-x: auto; -webkit-overflow-scrolling: touch }
.wide svg { display: block; max-width: 100%; height: auto; margin: 0 auto }
.wide:focus-visible { outline: 2px solid var(--blue); outline-offset: 3px }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums }
th, td {
  text-align: right; padding: .38rem .7rem; border-bottom: 1px solid var(--line);
  white-space: nowrap
}
th { color: var(--soft); font-weight: 600; font-size: .85rem }
th:first-child, td:first-child { text-align: left; padding-left: 0 }
td:last-child, th:last-child { padding-right: 0 }
tbody tr:last-child td { border-bottom: 0 }
td code { font-family: var(--mono); font-size: .86rem }
.ok { color: var(--good); font-weight: 600 }
.wrong { color: var(--bad); font-weight: 700 }
code { font-family: var(--mono); font-size: .88em }
p code, li code { background: var(--code); border-radius: 4px; padding: .1em .35em }
pre {
  background: var(--code); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.1rem;
  overflow-x: auto; line-height: 1.5; margin: 1rem 0
}
pre code { font-size: .86rem }
footer {
  margin-top: 3.5rem; padding-top: 1.2rem; border-top: 1px solid var(--line); color: var(--soft);
  font-size: .9rem
}
@media (max-width: 40rem) {
  body { font-size: 16px }
  main { padding-top: 1.6rem }
  figure, pre { margin-left: -.4rem; margin-right: -.4rem; padding: .8rem }
  .wide svg:not(.curve) { max-width: none }
  .wide .curve text { font-size: 21px }
  th, td { padding-left: .35rem; padding-right: .35rem }
  .wrap th, .wrap td { white-space: normal }
  .checks thead { display: none }
  .checks tr {
    display: grid; grid-template-columns: 1fr auto; padding: .4rem 0;
    border-bottom: 1px solid var(--line)
  }
  .checks tr:last-child { border-bottom: 0 }
  .checks td { border: 0; padding: .08rem 0 }
  .checks td:nth-child(2), .checks td:nth-child(5) { display: none }
  .checks td:nth-child(3), .checks td:nth-child(4) {
    grid-column: 1 / 3; display: flex; justify-content: space-between
  }
  .checks td:nth-child(3)::before { content: "backward()"; color: var(--soft) }
  .checks td:nth-child(4)::before { content: "nudge"; color: var(--soft) }
  .checks td:last-child { grid-area: 1 / 2 }
}
@media print { body { background: #fff } figure, .tiles li { break-inside: avoid } }
"""
