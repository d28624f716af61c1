/** Tests of the default limits, and of values that are not limits. */

import { describe, expect, it } from 'vitest'
import { type Limits, resolveLimits } from '../src/limits.ts'

const defaults = {
  maxHeadSize: 65_536,
  maxHeadFields: 100,
  maxFrameSize: 16_777_216,
  maxMessageSize: 16_777_216,
  maxFragments: 131_072,
  maxInflateRatio: Infinity,
  maxControlFrames: Infinity,
  controlWindow: 1000,
}
const names = Object.keys(defaults) as (keyof Limits)[]

describe('resolveLimits', () => {
  it('returns the same defaults to all callers without limits', () => {
    expect({ ...resolveLimits(undefined) }).toEqual(defaults)
    expect({ ...resolveLimits({}) }).toEqual(defaults)
    expect(resolveLimits(undefined)).toBe(resolveLimits(undefined))
  })
  it('accepts each limit, and returns resolved limits unchanged', () => {
    for (const name of names) {
      for (const value of [0, 1, 2 ** 53 - 1, Infinity])
        expect({ ...resolveLimits({ [name]: value }) }).toEqual({
          ...defaults,
          // By default a frame may be as large as a message.
          ...(name === 'maxMessageSize' && { maxFrameSize: value }),
          [name]: value,
        })
      expect(resolveLimits({ [name]: undefined })[name]).toBe(defaults[name as keyof typeof defaults])
    }
    expect(resolveLimits({ maxMessageSize: 5, maxFrameSize: 9 })).toMatchObject({ maxMessageSize: 5, maxFrameSize: 9 })
    const resolved = resolveLimits({ maxHeadSize: 1 })
    expect(resolveLimits(resolved)).toBe(resolved)
  })
  it.each([-1, -0.5, 0.5, Number.NaN, -Infinity, 2 ** 53, '5', null, true, 5n])('%s is not a limit', (value) => {
    for (const name of names)
      expect(() => resolveLimits({ [name]: value as number })).toThrow(new RegExp(`limits\\.${name}`))
    expect(() => resolveLimits({ maxHeadSize: value as number })).toThrow(RangeError)
  })
})
