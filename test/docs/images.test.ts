/** Tests of the pictures: a light and a dark version of each, identical except for colours, described in words, and up to date. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { charts, draw, page, readResults } from '../../bench/figures.mjs'
import * as api from '../../src/index.ts'
import { root } from './snippets.ts'

const images = readdirSync(join(root, 'docs/images'))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const image = (name: string): string => read(`docs/images/${name}`)
const names = [...new Set(images.map((name) => name.replace(/-(light|dark)\.svg$/, '')))]
const results = readResults()

test('there is one for each chart, and one of the data flow', () => {
  expect(names.sort()).toEqual([...charts(results).map(({ name }) => name), 'way-of-the-data'].sort())
})

describe.each(names)('%s', (name) => {
  test('is light and dark, identical except for the colours', () => {
    const [light, dark] = [image(`${name}-light.svg`), image(`${name}-dark.svg`)]
    const colorless = (svg: string): string => svg.replace(/#[0-9a-f]{3,6}\b/g, '#')
    expect(light).not.toBe(dark)
    expect(colorless(light)).toBe(colorless(dark))
  })

  test('is described in words, and loads nothing external', () => {
    const svg = image(`${name}-light.svg`)
    expect(svg).toMatch(/<svg [^>]*role="img"/)
    expect(svg).toMatch(/<title[^>]*>[^<]+<\/title>/)
    expect(svg).toMatch(/<desc[^>]*>[^<]+<\/desc>/)
    expect(svg).not.toMatch(/href=|<script|@import|url\((?!#)/)
  })
})

test.each(charts(results))('$name shows every figure (else: node bench/report.mjs)', ({ name, title, unit, bars }) => {
  const svg = image(`${name}-light.svg`)
  for (const text of [title, unit, ...bars.flatMap(Object.values).map(String)]) expect(svg).toContain(text)
  for (const { value } of bars) expect(svg).toContain(`>${value}</text>`)
})

test(`${page} shows the figures of the last run (else: node bench/report.mjs)`, () => {
  const text = read(page)
  expect(text).toBe(draw(text, results))
  expect(text).toMatch(/<!-- chart overview -->\n\n<picture>/)
})

test('the data flow names existing things', () => {
  const svg = image('way-of-the-data-light.svg')
  const named = [...svg.matchAll(/class="name"[^>]*>(\w+)/g)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(8)
  for (const name of named) expect(name in api || name in api.Connection.prototype, name).toBe(true)
})
