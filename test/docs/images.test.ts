/** Tests of the pictures: a light and a dark version of each, identical except for colours, described in words, and up to date. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as api from '../../src/index.ts'
import { root } from './snippets.ts'

const images = readdirSync(join(root, 'docs/images'))
const read = (name: string): string => readFileSync(join(root, 'docs/images', name), 'utf8')
const names = [...new Set(images.map((name) => name.replace(/-(light|dark)\.svg$/, '')))]
interface Chart {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly bars: readonly { readonly group: string; readonly series?: string; readonly value: number }[]
}
const { charts }: { charts: Chart[] } = JSON.parse(readFileSync(join(root, 'bench/figures.json'), 'utf8'))

test('there is one for each chart, and one of the data flow', () => {
  expect(names.sort()).toEqual([...charts.map(({ name }) => name), 'way-of-the-data'].sort())
})

describe.each(names)('%s', (name) => {
  test('is light and dark, identical except for the colours', () => {
    const [light, dark] = [read(`${name}-light.svg`), read(`${name}-dark.svg`)]
    const colorless = (svg: string): string => svg.replace(/#[0-9a-f]{3,6}\b/g, '#')
    expect(light).not.toBe(dark)
    expect(colorless(light)).toBe(colorless(dark))
  })

  test('is described in words, and loads nothing external', () => {
    const svg = read(`${name}-light.svg`)
    expect(svg).toMatch(/<svg [^>]*role="img"/)
    expect(svg).toMatch(/<title[^>]*>[^<]+<\/title>/)
    expect(svg).toMatch(/<desc[^>]*>[^<]+<\/desc>/)
    expect(svg).not.toMatch(/href=|<script|@import|url\((?!#)/)
  })
})

test.each(charts)('$name shows every figure (else: node bench/charts.mjs)', ({ name, title, unit, bars }) => {
  const svg = read(`${name}-light.svg`)
  for (const text of [title, unit, ...bars.flatMap(Object.values).map(String)]) expect(svg).toContain(text)
  for (const { value } of bars) expect(svg).toContain(`>${value}</text>`)
})

test('the data flow names existing things', () => {
  const svg = read('way-of-the-data-light.svg')
  const named = [...svg.matchAll(/class="name"[^>]*>(\w+)/g)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(8)
  for (const name of named) expect(name in api || name in api.Connection.prototype, name).toBe(true)
})
