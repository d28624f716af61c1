// Marks of written messages: each is reported once, in order, and the cost of each does not grow with their number.
import { expect, test } from 'vitest'
import { Marks } from '../../src/driver/marks.ts'

/** Marks of messages of one byte each; `told` contains their numbers, negative for a failure. */
function create() {
  const marks = new Marks()
  const told: number[] = []
  const write = (number: number) => (error?: Error) => told.push(error === undefined ? number : -number)
  const tell = () =>
    marks.tell((error) => {
      throw error
    })
  return { marks, told, write, tell }
}

test('written, taken and failed messages are reported in the order of the messages', () => {
  const { marks, told, write, tell } = create()
  for (const number of [1, 2]) marks.add(1, true, write(number))
  marks.add(0, false, write(3))
  marks.add(1, true, write(4))
  const [first, second] = marks.take(1)
  if (second) second.state = 'written'
  tell()
  expect(told).toEqual([])
  if (first) first.state = 'failed'
  tell()
  expect(told).toEqual([-1, 2, -3])
  const [fourth] = marks.take(0)
  marks.fail(false)
  tell()
  expect(told).toEqual([-1, 2, -3])
  if (fourth) fourth.state = 'written'
  tell()
  expect(told).toEqual([-1, 2, -3, 4])
  expect(marks.isEmpty).toBe(true)
})

test('a lost stream also fails the messages that it has taken', () => {
  const { marks, told, write, tell } = create()
  for (const number of [1, 2]) marks.add(1, true, write(number))
  marks.take(1)
  marks.fail(true)
  tell()
  expect(told).toEqual([-1, -2])
})

// Quadratic, this would take minutes.
test('a million', () => {
  const { marks, told, write, tell } = create()
  const count = 1_000_000
  for (let i = 1; i <= count; i++) marks.add(1, true, write(i))
  for (let left = count - 1000; left >= 0; left -= 1000) {
    for (const mark of marks.take(left)) mark.state = 'written'
    tell()
  }
  expect(told.length).toBe(count)
  expect(told.every((number, i) => number === i + 1)).toBe(true)
})
