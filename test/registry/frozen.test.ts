// The whole program shares the tables, so nobody can change them, at any depth.
import { expect, test } from 'vitest'
import * as registry from '../../src/registry/index.ts'

function* unfrozen(value: unknown, path: string): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  if (!Object.isFrozen(value)) yield path
  for (const [name, inner] of Object.entries(value)) yield* unfrozen(inner, `${path}.${name}`)
}

test('every table is frozen, with everything in it', () => {
  expect([...unfrozen({ ...registry }, '')].slice(1)).toEqual([])
})
