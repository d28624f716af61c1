/** Tests of the figures of a bench run: quotients of the same rounds, their spread, and charts that omit what was not measured. */

import { expect, test } from 'vitest'
import { charts } from '../../bench/figures.mjs'
import { quotient, record, recorded } from '../../bench/results.mjs'

record({
  name: 'Frames',
  unit: 'ns',
  sides: [
    { name: 'ours', samples: [10, 20, 30, 40, 50] },
    { name: 'other', samples: [30, 40, 90, 80, 250] },
  ],
})
record({ name: 'Loading', unit: 'ms', sides: [{ name: 'root', samples: [12, 9, 11], fastest: true }] })

test('a quotient is the median of the quotients of the rounds, with its quartiles', () => {
  expect(quotient('Frames', 'other', 'ours')).toEqual({ value: 3, quartiles: [2, 3] })
})

test('it is that of the fastest rounds if other load can only add time', () => {
  expect(quotient('Loading', 'root', undefined)).toEqual({ value: 9, quartiles: [11, 12] })
})

test('there is none if something was not measured', () => {
  expect(quotient('Frames', 'native', 'ours')).toBeUndefined()
  expect(quotient('Texts', 'other', 'ours')).toBeUndefined()
})

test('two rows with one name are a mistake', () => {
  expect(() => record({ name: 'Frames', unit: 'ns', sides: [] })).toThrow('two rows are called "Frames"')
})

test('charts show only what was measured', () => {
  const rows = [
    ...recorded(),
    { name: 'Binary frames, 125 B', sides: { FrameDecoder: { value: 100 }, 'ws + addon': { value: 279 } } },
  ]
  const results = { date: '2026-01-01', runs: [{ runtime: 'Node 24.0.0', targets: [], rows }] }
  expect(charts(results)).toMatchObject([
    { name: 'overview', bars: [{ group: 'binary frames of 125 B read', value: 2.8 }] },
    { name: 'frames', bars: [{ group: '125 B', series: 'ws with its addon', value: 2.8 }] },
  ])
})
