/**
 * How much a peer may ask for: one object for every room, each of which reads its own members. Knows nothing of what is
 * counted.
 *
 * @module
 */

import { checkOptionNames } from './arguments.ts'

/** Bounds on what a peer can make us hold or do. All but two are finite by default. */
export interface Limits {
  /**
   * Bytes of a head, its empty line included; one line may take them all. Default 65 536: four times what Node allows, enough for large
   * cookies. Counted by the parsers only.
   */
  readonly maxHeadSize?: number | undefined
  /** Field lines of a head, whatever has read it. Default 100: browsers send about 20. */
  readonly maxHeadFields?: number | undefined
  /** Payload bytes of one data frame. Default: `maxMessageSize`, for no frame need be larger than the largest message. */
  readonly maxFrameSize?: number | undefined
  /** Bytes of one message, all its fragments together and after inflating. Default 16 MiB. */
  readonly maxMessageSize?: number | undefined
  /** Frames of one message, so that empty fragments end somewhere; 0 refuses every message. Default 131 072. */
  readonly maxFragments?: number | undefined
  /**
   * Bytes that a message may inflate to for each byte on the wire, counted from 1 MiB on. A frame counts with the length that its
   * header tells, so that it makes no difference how it is cut. Default: any, for DEFLATE itself ends at 1032, and `maxMessageSize`
   * bounds what comes of it; a lower one saves the work on what will turn out too large.
   */
  readonly maxInflateRatio?: number | undefined
  /**
   * Pings and pongs of a peer within `controlWindow`, for each may be answered and costs more than its bytes; more end the connection
   * with 1008. Pongs that answer our pings are not counted. Counted where `receive` is told the time. Default: any.
   */
  readonly maxControlFrames?: number | undefined
  /** In the unit of the `now` that is told. Default 1000: a second, where that is a millisecond. */
  readonly controlWindow?: number | undefined
}

/**
 * For servers that anybody may speak to, of whom there are many at once: what a chat or an API needs, and no more.
 *
 * @example
 * new Connection({ role: 'server', agreement: accepted, limits: { ...publicServerLimits, maxMessageSize: 65_536 } })
 */
export const publicServerLimits: Limits = /* @__PURE__ */ Object.freeze({
  // As much as Node allows for a head: browsers send 1 KiB and their cookies.
  maxHeadSize: 16_384,
  // 1 MiB: a thousand such connections hold 1 GiB at the worst.
  maxMessageSize: 1_048_576,
  // 1 MiB in fragments of 64 bytes.
  maxFragments: 16_384,
  // Texts are seldom compressed to less than a hundredth.
  maxInflateRatio: 200,
  // Test suites send ten pings at once; more than three times as many a second have no good reason.
  maxControlFrames: 32,
})

/**
 * For clients, which have chosen whom they speak to, and have one connection, or a few.
 *
 * @example
 * new Connection({ role: 'client', agreement: verified, limits: clientLimits })
 */
export const clientLimits: Limits = /* @__PURE__ */ Object.freeze({
  // 256 MiB: downloads and pictures come whole. (Numbers in full, for bundlers keep an unused object with a power in it.)
  maxMessageSize: 268_435_456,
  maxFragments: 1_048_576,
})

/** The members of {@link Limits}, for checks of options. */
export const limitNames: readonly (keyof Limits)[] = [
  'maxHeadSize',
  'maxHeadFields',
  'maxFrameSize',
  'maxMessageSize',
  'maxFragments',
  'maxInflateRatio',
  'maxControlFrames',
  'controlWindow',
]

/** Every member present, checked once; rooms hand it on to each other as it is. */
export class ResolvedLimits implements Required<Limits> {
  readonly maxHeadSize: number
  readonly maxHeadFields: number
  readonly maxMessageSize: number
  readonly maxFrameSize: number
  readonly maxFragments: number
  readonly maxInflateRatio: number
  readonly maxControlFrames: number
  readonly controlWindow: number

  constructor(limits: Limits) {
    this.maxHeadSize = checked('maxHeadSize', limits.maxHeadSize, 65_536)
    this.maxHeadFields = checked('maxHeadFields', limits.maxHeadFields, 100)
    this.maxMessageSize = checked('maxMessageSize', limits.maxMessageSize, 16 * 2 ** 20)
    this.maxFrameSize = checked('maxFrameSize', limits.maxFrameSize, this.maxMessageSize)
    this.maxFragments = checked('maxFragments', limits.maxFragments, 131_072)
    this.maxInflateRatio = checked('maxInflateRatio', limits.maxInflateRatio, Infinity)
    this.maxControlFrames = checked('maxControlFrames', limits.maxControlFrames, Infinity)
    this.controlWindow = checked('controlWindow', limits.controlWindow, 1000)
  }
}

/** Whether two limits are the same, number by number. */
export function sameLimits(one: ResolvedLimits, other: ResolvedLimits): boolean {
  return one === other || limitNames.every((name) => one[name] === other[name])
}

/** Shared by every object that was given none, so that an idle connection does not pay for a copy. */
let defaults: ResolvedLimits | undefined

/**
 * The limits with defaults for what is absent. Throws `RangeError` for a limit that is no whole number from 0 on, and `TypeError`
 * for an unknown one.
 */
export function resolveLimits(limits: Limits | undefined): ResolvedLimits {
  if (limits instanceof ResolvedLimits) return limits
  if (limits !== undefined) {
    checkOptionNames(limits, limitNames, '`limits`')
    return new ResolvedLimits(limits)
  }
  defaults ??= new ResolvedLimits({})
  return defaults
}

function checked(name: keyof Limits, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if ((Number.isSafeInteger(value) && value >= 0) || value === Infinity) return value
  throw new RangeError(`limits.${name} must be a whole number from 0 on, or Infinity; it is ${value}`)
}
