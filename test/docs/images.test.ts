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

const drawn = ['connection-states', 'data-flow', 'frame']

test('there is one for each chart, and those drawn by hand', () => {
  expect(names.sort()).toEqual([...charts(results).map(({ name }) => name), ...drawn].sort())
})

test.each(drawn)('%s is 480 pixels wide, so that it can be read on a phone', (name) => {
  const [, width] = /^<svg [^>]*viewBox="0 0 (\d+) /.exec(image(`${name}-light.svg`)) ?? []
  expect(width).toBe('480')
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

/** The texts of a picture that are code. */
function findCode(name: string): string[] {
  return [...image(`${name}-light.svg`).matchAll(/class="name[^>]*>([^<]+)/g)].map(([, text = '']) => text)
}

test('the data flow names existing things', () => {
  const named = findCode('data-flow').map((text) => text.replace(' …', ''))
  expect(named.length).toBeGreaterThan(8)
  for (const name of named) expect(name in api || name in api.Connection.prototype, name).toBe(true)
})

test('the picture of a frame has the bytes that are encoded', () => {
  const frame = { opcode: api.Opcode.Text, payload: new TextEncoder().encode('Hello') }
  const masked = { ...frame, maskKey: Uint8Array.of(0x37, 0xfa, 0x21, 0x3d) }
  const bytes = [...api.encodeFrame(frame), ...api.encodeFrame(masked)]
  expect(findCode('frame')).toEqual(bytes.map((byte) => byte.toString(16).padStart(2, '0')))
})

test('the picture of the states shows the path of a connection', () => {
  const connection = new api.Connection({ role: 'server' })
  const seen = new Set<string>()
  const note = (): void => {
    seen.add(`state: '${connection.state}'`)
    seen.add(`transport: '${connection.transport}'`)
  }
  const steps = [
    () => connection.close(1000),
    () => connection.receive(api.encodeFrame({ opcode: api.Opcode.Close, maskKey: 'random' }), 0),
    () => connection.takeOutput(0),
    () => connection.poll(20_000),
  ]
  note()
  for (const step of steps) {
    step()
    note()
  }
  const shown = findCode('connection-states').flatMap((text) => text.split(', '))
  expect(new Set(shown.filter((text) => text.includes(':')))).toEqual(seen)
})
