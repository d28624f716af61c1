/**
 * Limits on what a peer may make us hold or do: one object for all modules, each of which reads its own members.
 *
 * @module
 */

import { describeValue, requireOptions } from './arguments.ts'

/** Limits on what a peer can make us hold or do. All but two are finite by default. */
export interface Limits {
  /**
   * Bytes of a head, its empty line included; one line may take them all. Default 65 536: four times what Node allows, enough for large
   * cookies. Counted by the parsers only.
   */
  readonly maxHeadSize?: number | undefined
  /** Field lines of a head, from any source. Default 100: browsers send about 20. */
  readonly maxHeadFields?: number | undefined
  /** Payload bytes of one data frame. Default: `maxMessageSize`. */
  readonly maxFrameSize?: number | undefined
  /** Bytes of one message: all its fragments together, after inflating. Default 16 MiB. */
  readonly maxMessageSize?: number | undefined
  /** Frames of one message, so that empty fragments cannot go on forever; 0 refuses every message. Default 131 072. */
  readonly maxFragments?: number | undefined
  /**
   * Bytes that a message may inflate to for each byte on the wire, counted from 1 MiB on. A frame counts with the length in its header,
   * so that chunks make no difference. Default: no limit, because DEFLATE itself cannot exceed 1032 and `maxMessageSize` bounds the
   * result. A lower ratio saves the work on a message that will be too large.
   */
  readonly maxInflateRatio?: number | undefined
  /**
   * Pings and pongs that a peer may send at once, and again in each `controlWindow`; more close the connection with 1008. A token
   * bucket: what time allows adds up while nothing is read. Pongs that answer our pings are not counted. Needs the `now` of
   * `receive`. Default: no limit.
   */
  readonly maxControlFrames?: number | undefined
  /** Milliseconds. Default 1000. */
  readonly controlWindow?: number | undefined
}

/**
 * For servers on the public internet with many connections at once: enough for a chat or an API.
 *
 * @example
 * new Connection({ role: 'server', agreement: accepted, limits: { ...publicServerLimits, maxMessageSize: 65_536 } })
 */
export const publicServerLimits: Limits = /* @__PURE__ */ Object.freeze({
  // What Node allows for a head. Browsers send 1 KiB and their cookies.
  maxHeadSize: 16_384,
  // 1 MiB: a thousand connections hold at most 1 GiB.
  maxMessageSize: 1_048_576,
  // 1 MiB in fragments of 64 bytes.
  maxFragments: 16_384,
  // Text seldom compresses to less than a hundredth.
  maxInflateRatio: 200,
  // Test suites send ten pings at once; three times as many a second is generous.
  maxControlFrames: 32,
})

/**
 * For clients, which choose their server and have one connection, or a few.
 *
 * @example
 * new Connection({ role: 'client', agreement: verified, limits: clientLimits })
 */
export const clientLimits: Limits = /* @__PURE__ */ Object.freeze({
  // 256 MiB: downloads and pictures arrive whole. (Written in full: bundlers keep an unused object with a power in it.)
  maxMessageSize: 268_435_456,
  maxFragments: 1_048_576,
})

/**
 * The members of {@link Limits} with their defaults; for `requireOptions` also their names. Their values are checked when they are
 * resolved.
 */
export const limitKinds: { readonly [limit in keyof Limits]-?: number } = {
  maxHeadSize: 65_536,
  maxHeadFields: 100,
  maxMessageSize: 16_777_216,
  // That of `maxMessageSize`, whatever it is.
  maxFrameSize: 0,
  maxFragments: 131_072,
  maxInflateRatio: Infinity,
  maxControlFrames: Infinity,
  controlWindow: 1000,
}

/** Limits with every member present, checked once; modules pass it on as it is. */
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

/** Shared by every object without limits of its own. */
let defaults: ResolvedLimits | undefined

/**
 * The limits with defaults for what is absent. Throws `RangeError` for a limit that is no whole number from 0 on, and `TypeError`
 * for an unknown one.
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
