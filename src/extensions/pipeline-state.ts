/**
 * The state of a pipeline as plain data, for snapshots of a connection. It is separate from the class, so that only programs that take
 * snapshots load it.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { requireFlag, requireInteger, requireObject } from '../bytes/plain.ts'
import { BINARY } from '../frame/rules.ts'
import { blameCaller, type Pipeline, readMore, type Stage } from './pipeline.ts'

/** The state of a pipeline. */
export interface PipelineState {
  readonly bits: number
  readonly leaves: boolean
  readonly received: number
  readonly produced: number
  readonly encodedOpcode: number
  readonly incoming: { readonly opcode: number; readonly fin: boolean; readonly endsFrame: boolean }
  /** Output that has not been returned, in base64. */
  readonly waiting?: string | undefined
  readonly stages: readonly { readonly encodes: boolean; readonly fresh: boolean; readonly state: unknown }[]
}

/** Returns the state as plain data; `undefined` if an extension cannot move. */
export function snapshotPipeline(pipeline: Pipeline): PipelineState | undefined {
  const { bits, leaves, received, produced, encodedOpcode, opcode, endsFrame, waiting, piece } = pipeline
  const stages = pipeline.stages.map(({ encodes, fresh, transform }) => ({
    encodes,
    fresh,
    state: transform === undefined ? null : transform.snapshot?.(),
  }))
  if (stages.some(({ state }) => state === undefined)) return undefined
  const incoming = { opcode, fin: piece.fin, endsFrame }
  return {
    bits,
    leaves,
    received,
    produced,
    encodedOpcode,
    incoming,
    waiting: waiting && encodeBase64(waiting),
    stages,
  }
}

/** Restores a snapshot. Throws `TypeError` if it is invalid or was taken with other extensions. */
export function resumePipeline(pipeline: Pipeline, state: PipelineState): void {
  const { bits, leaves, received, produced, encodedOpcode, incoming, waiting, stages } = requireObject(state)
  if (!Array.isArray(stages) || stages.length !== pipeline.stages.length)
    throw new TypeError('this snapshot was taken with other extensions')
  pipeline.bits = requireInteger(bits, 0, 7)
  pipeline.leaves = requireFlag(leaves)
  pipeline.received = requireInteger(received, 0, Number.MAX_SAFE_INTEGER)
  pipeline.produced = requireInteger(produced, 0, Number.MAX_SAFE_INTEGER)
  pipeline.encodedOpcode = requireInteger(encodedOpcode, 0, 127)
  pipeline.opcode = requireInteger(requireObject(incoming).opcode, 0, BINARY)
  pipeline.piece.fin = requireFlag(incoming.fin)
  pipeline.endsFrame = requireFlag(incoming.endsFrame)
  for (const [index, saved] of stages.entries()) {
    const stage = pipeline.stages[index] as Stage
    stage.encodes = requireFlag(requireObject(saved).encodes)
    stage.fresh = requireFlag(saved.fresh)
    if (saved.state !== null) blameCaller(`the state of ${stage.name}`, () => stage.transform?.resume?.(saved.state))
    stage.more = readMore(stage)
  }
  if (waiting !== undefined) pipeline.waiting = decodeBase64(waiting)
  pipeline.hasMore = waiting !== undefined || pipeline.stages.some(({ more }) => more)
}
