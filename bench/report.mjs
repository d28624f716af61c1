/**
 * Draws what a whole run of the bench has found, bench/results/latest.json, into docs/speed.md and the charts in
 * docs/images/, each for a light and for a dark page. Measures nothing.
 *
 *   node bench/report.mjs
 */

import { readFileSync, writeFileSync } from 'node:fs'
import * as vega from 'vega'
import { charts, draw, page, readResults } from './figures.mjs'

const themes = {
  light: { ink: '#1f2328', quiet: '#59636e', grid: '#d1d9e0', bars: ['#0969da', '#8250df', '#bf8700', '#6e7781'] },
  dark: { ink: '#f0f6fc', quiet: '#9198a1', grid: '#3d444d', bars: ['#58a6ff', '#bc8cff', '#d29922', '#8b949e'] },
}
const FONT = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif"
const BAR = 18
const WIDTH = 560
/** Quotients are drawn on a logarithmic scale: twice and half as fast are as far from the line at which both are equal. */
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]

const results = readResults()
for (const chart of charts(results))
  for (const [theme, colors] of Object.entries(themes)) {
    const view = new vega.View(vega.parse(describe(chart, colors)), { renderer: 'none' })
    const path = new URL(`../docs/images/${chart.name}-${theme}.svg`, import.meta.url)
    writeFileSync(path, accessible(await view.toSVG(), chart))
  }

const file = new URL(`../${page}`, import.meta.url)
writeFileSync(file, draw(readFileSync(file, 'utf8'), results))

/** What the scale shows, with space for the numbers at both ends. */
function span(bars, baseline) {
  const values = bars.map(({ value }) => value)
  return [Math.min(baseline / 1.5, Math.min(...values) / 1.25), Math.max(2 * baseline, Math.max(...values))]
}

/** Horizontal bars, so that their names are readable; grouped where there are several series. */
function describe({ title, unit, baseline, bars }, { ink, quiet, grid, bars: fills }) {
  const rows = bars.map(({ series = '', ...bar }) => ({ ...bar, series }))
  const perGroup = new Set(rows.map(({ series }) => series)).size
  const groups = new Set(rows.map(({ group }) => group)).size
  const text = textStyle(ink, quiet)
  return {
    width: WIDTH,
    height: groups * (perGroup * BAR + 14),
    padding: 12,
    autosize: { type: 'pad', contains: 'padding' },
    title: { text: title, anchor: 'start', color: ink, font: FONT, fontSize: 15, offset: 12 },
    data: [{ name: 'rows', values: rows }],
    scales: [
      baseline === undefined
        ? {
            name: 'x',
            type: 'linear',
            range: 'width',
            domain: { data: 'rows', field: 'value' },
            zero: true,
            nice: true,
          }
        : { name: 'x', type: 'log', range: 'width', domain: span(bars, baseline) },
      { name: 'y', type: 'band', range: 'height', domain: { data: 'rows', field: 'group' }, paddingInner: 0.25 },
      { name: 'fill', type: 'ordinal', range: fills, domain: { data: 'rows', field: 'series' } },
    ],
    axes: [
      { orient: 'left', scale: 'y', domain: false, ticks: false, labelPadding: 10, ...text },
      {
        orient: 'bottom',
        scale: 'x',
        grid: true,
        gridColor: grid,
        domain: false,
        ticks: false,
        ...(baseline === undefined ? { tickCount: 5 } : { values: TICKS, format: '~r' }),
        title: unit,
        ...text,
      },
    ],
    legends:
      perGroup > 1 ? [{ fill: 'fill', orient: 'top', direction: 'horizontal', ...text, symbolType: 'square' }] : [],
    marks: [...(baseline === undefined ? [] : [rule(baseline, ink)]), groupOfBars(ink, baseline)],
  }
}

function textStyle(ink, quiet) {
  return {
    labelColor: ink,
    labelFont: FONT,
    labelFontSize: 13,
    titleColor: quiet,
    titleFont: FONT,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    // Without a canvas, text width is estimated, and too much text is cut off.
    labelLimit: 400,
  }
}

/** The line at which both are equal. */
function rule(value, ink) {
  const place = { x: { scale: 'x', value }, y: { value: 0 }, y2: { signal: 'height' } }
  return { type: 'rule', encode: { enter: { ...place, stroke: { value: ink }, strokeDash: { value: [4, 3] } } } }
}

function groupOfBars(ink, baseline = 0) {
  const place = { y: { scale: 'within', field: 'series' }, height: { scale: 'within', band: 1 } }
  const bar = {
    ...place,
    x: { scale: 'x', value: baseline },
    x2: { scale: 'x', field: 'value' },
    fill: { scale: 'fill', field: 'series' },
  }
  // Outside of its bar, which ends to the left of the baseline where ours is slower.
  const beside = (right, left) => ({ signal: `datum.value < ${baseline} ? ${left} : ${right}` })
  const number = {
    x: { scale: 'x', field: 'value', offset: beside('6', '-6') },
    align: beside("'left'", "'right'"),
    y: { scale: 'within', field: 'series', band: 0.5 },
    text: { field: 'value' },
    baseline: { value: 'middle' },
    fill: { value: ink },
    font: { value: FONT },
    fontSize: { value: 13 },
  }
  return {
    type: 'group',
    from: { facet: { data: 'rows', name: 'group', groupby: 'group' } },
    encode: { enter: { y: { scale: 'y', field: 'group' } } },
    signals: [{ name: 'height', update: "bandwidth('y')" }],
    scales: [
      { name: 'within', type: 'band', range: 'height', domain: { data: 'rows', field: 'series' }, padding: 0.08 },
    ],
    marks: [
      { type: 'rect', from: { data: 'group' }, encode: { enter: bar } },
      { type: 'text', from: { data: 'group' }, encode: { enter: number } },
    ],
  }
}

/** A text alternative for readers who cannot see the chart. */
function accessible(svg, { title, unit, bars }) {
  const said = bars
    .map(({ group, series, value }) => `${[group, series].filter(Boolean).join(', ')}: ${value}`)
    .join('; ')
  const words = `<title>${title}</title><desc>${unit}. ${said}.</desc>`
  return `${svg.replace(/<svg [^>]*>/, (tag) => `${tag.replace('<svg ', '<svg role="img" ')}${words}`)}\n`
}
