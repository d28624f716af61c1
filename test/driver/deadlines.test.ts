// The heap of deadlines compared with a plain list, over fake time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Deadlines, type Timed } from '../../src/driver/deadlines.ts'
import { Clock } from './fakes.ts'

class Item implements Timed {
  dueAt = 0
  place = -1
  readonly fired: number[] = []

  due(now: number): void {
    this.fired.push(now)
  }
}

interface Expected {
  at: number
  readonly fired: number[]
}

const action = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), item: fc.nat(7), in: fc.nat(20) }),
  fc.record({ kind: fc.constant('remove' as const), item: fc.nat(7) }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(10) }),
)

test('each item is due once, at its time, and there is at most one timer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const clock = new Clock()
      const deadlines = new Deadlines(clock, () => false)
      const items = Array.from({ length: 8 }, () => new Item())
      const expected = items.map((): Expected => ({ at: Infinity, fired: [] }))
      for (const step of actions) {
        if (step.kind === 'advance') {
          await clock.advance(step.ms)
          for (const entry of expected.filter(({ at }) => at <= clock.time)) {
            entry.fired.push(entry.at)
            entry.at = Infinity
          }
        } else if (step.kind === 'set') {
          ;(expected[step.item] as Expected).at = clock.time + step.in
          deadlines.set(items[step.item] as Item, clock.time + step.in)
        } else {
          ;(expected[step.item] as Expected).at = Infinity
          deadlines.remove(items[step.item] as Item)
        }
        expect(clock.timers.size).toBeLessThanOrEqual(1)
        expect(items.map(({ fired }) => fired)).toEqual(expected.map(({ fired }) => fired))
      }
      for (const item of items) deadlines.remove(item)
      expect([clock.timers.size, deadlines.items]).toEqual([0, []])
    }),
    { numRuns: 300 },
  )
})

test('works with a late clock, and with deadlines that are set again while others are due', async () => {
  const clock = new Clock()
  const deadlines = new Deadlines(clock, () => true)
  const seen: string[] = []
  const again: Timed = {
    dueAt: 0,
    place: -1,
    due(now) {
      seen.push(`again ${now}`)
      if (seen.length < 3) deadlines.set(again, now)
    },
  }
  deadlines.set(again, 5)
  clock.time = 50
  await clock.advance(0)
  expect(seen).toEqual(['again 50', 'again 50', 'again 50'])
})

test('an infinite span needs no timer', async () => {
  const clock = new Clock()
  const deadlines = new Deadlines(clock, () => true)
  const item = { dueAt: 0, place: -1, due() {} }
  for (const other of [item, { ...item }]) deadlines.set(other, Infinity)
  expect(clock.timers.size).toBe(0)
  deadlines.set(item, 5)
  expect(clock.timers.size).toBe(1)
  deadlines.set(item, Infinity)
  expect(clock.timers.size).toBe(0)
})

test('an item that throws does not stop the others', async () => {
  const clock = new Clock()
  const deadlines = new Deadlines(clock, () => true)
  const seen: string[] = []
  const add = (name: string, at: number, error?: Error): void => {
    const due = (): void => {
      seen.push(name)
      if (error !== undefined) throw error
    }
    deadlines.set({ dueAt: 0, place: -1, due }, at)
  }
  add('throws', 5, new Error('misused'))
  add('same time', 5)
  add('later', 9)
  await expect(clock.advance(5)).rejects.toThrow('misused')
  await clock.advance(10)
  expect([seen, clock.timers.size]).toEqual([['throws', 'same time', 'later'], 0])
})
