/**
 * Finds the cases that keep an agent busy for long. An agent with one thread answers nothing else while it works on them, so other
 * cases that run at the same time would fail.
 *
 * @module
 */

import type { Case, Data, ExpectedMessage, Step } from './case.ts'
import { dataSize } from './data.ts'

/** The number of bytes that are sent or echoed. */
const MUCH = 1_048_576

/** The number of frames. */
const MANY = 10_000

/** Whether a case sends or expects at least so many bytes, or so many frames. */
export function isHeavy({ steps, outcomes }: Case): boolean {
  const pieces = steps.flatMap(piecesOf)
  const frames = sum(pieces.map(({ repeat }) => repeat))
  const sent = sum(pieces.map(({ repeat, data }) => repeat * dataSize(data)))
  // A message that is small on the wire can be large when inflated.
  const back = outcomes.map(({ when }) => sum((when.messages ?? []).map((wanted) => dataSize(messageData(wanted)))))
  return frames >= MANY || Math.max(sent, ...back) >= MUCH
}

function piecesOf(step: Step): readonly { readonly repeat: number; readonly data: Data }[] {
  const pieces = step.do === 'send' ? step.pieces : step.do === 'open' ? (step.then ?? []) : []
  return pieces.map((piece) =>
    'frame' in piece
      ? { repeat: piece.repeat ?? 1, data: piece.frame.payload ?? '' }
      : { repeat: 1, data: piece.bytes },
  )
}

function messageData(wanted: ExpectedMessage): Data {
  return 'text' in wanted ? wanted.text : wanted.binary
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
