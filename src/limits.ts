/**
 * Limits on the memory and work that a peer can cause. All modules take the same object; each reads its own members.
 *
 * @module
 */

import { describeValue, requireOptions } from './arguments.ts'

/**
 * Limits on the memory and work that a peer can cause. All but `maxInflateRatio` and `maxControlFrames` are finite by default.
 *
 * @category Errors, limits and registries
 */
export interface Limits {
  /**
   * Bytes of a head, including its empty line; a single line may use them all. Only the head parsers count them. Default: 65 536, four
   * times what Node allows and enough for large cookies.
   */
  readonly maxHeadSize?: number | undefined
  /** Field lines of a head, from any source. Default: 100 (browsers send about 20). */
  readonly maxHeadFields?: number | undefined
  /** Payload bytes of one data frame. Default: `maxMessageSize`. */
  readonly maxFrameSize?: number | undefined
  /** Bytes of one message: all its fragments together, after inflating. Default: 16 MiB. */
  readonly maxMessageSize?: number | undefined
  /** Frames of one message, so that a peer cannot send empty fragments forever; 0 refuses every message. Default: 131 072. */
  readonly maxFragments?: number | undefined
  /**
   * Bytes that a message may inflate to for each byte on the wire. Applies once the message has inflated to more than 1 MiB. A frame
   * counts with the length in its header, so chunk sizes make no difference. Default: no limit, because DEFLATE itself cannot exceed
   * 1032 and `maxMessageSize` limits the result. A lower ratio stops earlier at a message that will be too large.
   */
  readonly maxInflateRatio?: number | undefined
  /**
   * Pings and pongs that a peer may send at once, and again in each `controlWindow`; more close the connection with 1008 (policy
   * violation). This is a token bucket: it keeps filling while nothing is read. Pongs that answer our pings are not counted. Needs the
   * `now` of `receive`. Default: no limit.
   */
  readonly maxControlFrames?: number | undefined
  /** Milliseconds. Default: 1000. */
  readonly controlWindow?: number | undefined
}

/**
 * Limits for servers on the public internet with many connections: enough for a chat or an API.
 *
 * @example
 * new Connection({ role: 'server', agreement: accepted, limits: { ...publicServerLimits, maxMessageSize: 65_536 } })
 *
 * @category Errors, limits and registries
 */
export const publicServerLimits: Limits = /* @__PURE__ */ Object.freeze({
  // As Node allows for a head. Browsers send 1 KiB and their cookies.
  maxHeadSize: 16_384,
  // 1 MiB: a thousand connections need at most 1 GiB.
  maxMessageSize: 1_048_576,
  // 1 MiB in fragments of 64 bytes.
  maxFragments: 16_384,
  // Text seldom compresses to less than a hundredth.
  maxInflateRatio: 200,
  // Test suites send ten pings at once; three times as many per second is generous.
  maxControlFrames: 32,
})

/**
 * Limits for clients, which choose their server and have few connections.
 *
 * @example
 * new Connection({ role: 'client', agreement: verified, limits: clientLimits })
 *
 * @category Errors, limits and registries
 */
export const clientLimits: Limits = /* @__PURE__ */ Object.freeze({
  // 256 MiB: downloads and pictures arrive whole. Written in full, because bundlers keep an unused object with a power in it.
  maxMessageSize: 268_435_456,
  maxFragments: 1_048_576,
})

/**
 * The members of {@link Limits} with their defaults. `requireOptions` uses only the names; `ResolvedLimits` checks the values.
 */
export const limitKinds: { readonly [limit in keyof Limits]-?: number } = {
  maxHeadSize: 65_536,
  maxHeadFields: 100,
  maxMessageSize: 16_777_216,
  // Not used: the default is the value of `maxMessageSize`.
  maxFrameSize: 0,
  maxFragments: 131_072,
  maxInflateRatio: Infinity,
  maxControlFrames: Infinity,
  controlWindow: 1000,
}

/** Limits with every member present, checked once; modules pass the object on unchanged. */
export class ResolvedLimits implements Required<Limits> {
  declare readonly maxHeadSize: number
  declare readonly maxHeadFields: number
  declare readonly maxMessageSize: number
  declare readonly maxFrameSize: number
  declare readonly maxFragments: number
  declare readonly maxInflateRatio: number
  declare readonly maxControlFrames: number
  declare readonly controlWindow: number

  constructor(limits: Limits) {
    for (const name of Object.keys(limitKinds) as (keyof Limits)[]) {
      let value = limits[name]
      if (value === undefined) value = name === 'maxFrameSize' ? this.maxMessageSize : limitKinds[name]
      if (!((Number.isSafeInteger(value) && value >= 0) || value === Infinity))
        throw new RangeError(`limits.${name} must be a whole number or Infinity, not ${describeValue(value)}`)
      this[name] = value
    }
  }
}

/** Shared by all objects that set no limits. */
let defaults: ResolvedLimits | undefined

/**
 * Fills in the defaults of absent limits. Throws `RangeError` for a limit that is neither a whole number from 0 on nor Infinity, and
 * `TypeError` for an unknown one.
 */
export function resolveLimits(limits: Limits | undefined): ResolvedLimits {
  if (limits instanceof ResolvedLimits) return limits
  if (limits !== undefined) {
    requireOptions(limits, limitKinds, '`limits`')
    return new ResolvedLimits(limits)
  }
  defaults ??= new ResolvedLimits({})
  return defaults
}
