/**
 * The resolved options of a connection: one object for all connections with the same options, which share spare readers and writers
 * through it.
 *
 * @module
 */

import type { Allocate } from '../bytes/allocate.ts'
import type { Pipeline } from '../extensions/pipeline.ts'
import { FrameDecoder } from '../frame/decoder.ts'
import { refusesLoneSurrogates } from '../frame/encode.ts'
import { type ResolvedLimits, resolveLimits, sameLimits } from '../limits.ts'
import type { Role } from '../types.ts'
import { Messages } from './messages.ts'
import { type ConnectionOptions, checkOptions } from './options.ts'
import { Outgoing } from './outgoing.ts'
import { Output } from './output.ts'

/** The reading side of one connection. */
export interface Reader {
  readonly decoder: FrameDecoder
  readonly messages: Messages
}

/** The settings of any number of connections. */
export class Settings {
  readonly role: Role
  readonly limits: ResolvedLimits
  readonly autoPong: boolean
  readonly autoClose: boolean
  readonly explainFaults: boolean
  readonly refusesLone: boolean
  readonly strings: boolean
  readonly pieces: boolean
  readonly ownsChunks: boolean
  private readonly fragmentSize: number
  private readonly maskKeys: (() => Uint8Array) | undefined
  private readonly allocate: Allocate | undefined
  /**
   * A spare reader and writer: most connections are idle, and an idle one needs neither. They are returned only between messages,
   * when they are empty.
   */
  private spareReader: Reader | undefined = undefined
  private spareWriter: Outgoing | undefined = undefined

  /** Throws as the constructor of a connection documents, except for its agreement and times. */
  constructor(options: ConnectionOptions) {
    checkOptions(options)
    this.role = options.role
    this.limits = resolveLimits(options.limits)
    this.autoPong = options.autoPong ?? true
    this.autoClose = options.autoClose ?? true
    this.explainFaults = options.explainFaults ?? false
    this.refusesLone = refusesLoneSurrogates(options.loneSurrogates)
    this.strings = options.text !== 'bytes'
    this.pieces = options.pieces ?? false
    this.ownsChunks = options.ownsChunks ?? false
    this.fragmentSize = options.fragmentSize ?? Infinity
    this.maskKeys = options.maskKeys
    this.allocate = options.allocate
  }

  /** A reader in its initial state. */
  takeReader(pipeline: Pipeline | undefined): Reader {
    const { spareReader, role, limits, ownsChunks } = this
    if (spareReader !== undefined && pipeline === undefined) {
      this.spareReader = undefined
      return spareReader
    }
    return {
      decoder: new FrameDecoder({ role, limits, rsv: pipeline?.rsv, ownsChunks, pieces: true }),
      messages: new Messages(limits, pipeline, this.strings, this.pieces),
    }
  }

  /** A writer in its initial state. */
  takeWriter(pipeline: Pipeline | undefined): Outgoing {
    const { spareWriter, role, maskKeys, fragmentSize, allocate, refusesLone } = this
    if (spareWriter !== undefined && pipeline === undefined) {
      this.spareWriter = undefined
      return spareWriter
    }
    return new Outgoing(new Output(role, maskKeys, fragmentSize, allocate), pipeline, refusesLone)
  }

  /** Takes back a reader. @returns `false` if it is not empty. */
  returnReader(reader: Reader, pipeline: Pipeline | undefined): boolean {
    if (pipeline !== undefined || !reader.decoder.atRest) return false
    this.spareReader = reader
    return true
  }

  returnWriter(writer: Outgoing, pipeline: Pipeline | undefined): boolean {
    if (pipeline !== undefined || !writer.atRest) return false
    this.spareWriter = writer
    return true
  }

  private isLike(other: Settings): boolean {
    return (
      this.role === other.role &&
      sameLimits(this.limits, other.limits) &&
      this.autoPong === other.autoPong &&
      this.autoClose === other.autoClose &&
      this.explainFaults === other.explainFaults &&
      this.refusesLone === other.refusesLone &&
      this.strings === other.strings &&
      this.pieces === other.pieces &&
      this.ownsChunks === other.ownsChunks &&
      this.fragmentSize === other.fragmentSize &&
      this.maskKeys === other.maskKeys &&
      this.allocate === other.allocate
    )
  }

  /** Reuses recent settings if they are equal: a server makes all its connections alike, a relay has two kinds. */
  static resolve(options: ConnectionOptions): Settings {
    const settings = new Settings(options)
    const known = settings.findLatest()
    if (known === undefined) return settings
    for (const other of known) if (other.isLike(settings)) return other
    known.unshift(settings)
    known.splice(MOST_KINDS)
    return settings
  }

  /**
   * The known settings to compare with. `undefined` if two functions are given: an entry lives as long as one of them, and would
   * keep the other alive.
   */
  private findLatest(): Settings[] | undefined {
    const { maskKeys, allocate } = this
    const key = maskKeys ?? allocate
    if (key === undefined) return latest
    if (maskKeys !== undefined && allocate !== undefined) return undefined
    latestByFunction ??= new WeakMap()
    const known = latestByFunction.get(key)
    if (known !== undefined) return known
    const none: Settings[] = []
    latestByFunction.set(key, none)
    return none
  }
}

/** How many kinds of connections are remembered. */
const MOST_KINDS = 4

/** Module state; it holds nothing of a caller or a peer. */
const latest: Settings[] = []

/** Settings with one function from a caller: an entry is released with that function. */
let latestByFunction: WeakMap<(size: number) => Uint8Array, Settings[]> | undefined
