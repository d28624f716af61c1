/**
 * Explains a case in words and bytes, for `show` and for the pages of cases.
 *
 * @module
 */

import type { AwaitStep, Case, Chunks, OpenStep, Outcome, Piece, Step } from '../../testing/case.ts'
import { encodePiece, toHex } from '../../testing/data.ts'
import {
  fieldsText,
  requestFields,
  requestText,
  responseFields,
  responseText,
  type Values,
} from '../../testing/opening.ts'
import { describeConditions } from '../../testing/words.ts'
import { escapeControls } from './escape.ts'
import { count } from './summary.ts'
import { pairHex } from './transcript.ts'

/** How many bytes of a step are shown. */
const SHOWN = 64
/** How many pieces of a step are described. */
const DESCRIBED = 8

/** Sample values from RFC 6455 §1.3, in place of those of a connection. */
const sample: Values = {
  host: 'server.example.com',
  path: '/',
  key: 'dGhlIHNhbXBsZSBub25jZQ==',
  accept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  subprotocol: 'chat',
}

/** A step: a sentence, lines of details, and the first bytes in hexadecimal. */
export interface ExplainedStep {
  readonly text: string
  readonly notes: readonly string[]
  readonly hex: string
}

/** Returns a case as text for a terminal. */
export function explainCase(one: Case): string {
  const { id, title, why, level, since, side, carriers, needs, references, autobahn, passive } = one
  const steps = explainSteps(one).flatMap(({ text, notes, hex }, index) => [
    `  ${index + 1}. ${text}`,
    ...[...notes, ...(hex === '' ? [] : [hex])].map((line) => `       ${line}`),
  ])
  const outcomes = one.outcomes.flatMap((outcome) => [
    `  ${outcome.verdict.padEnd(4)}  ${outcome.reason}`,
    `        ${explainConditions(outcome)}`,
  ])
  return [
    id,
    title,
    '',
    `Level: ${level}. Since ${since}. Side: ${side}. Over: ${carriers.join(', ')}.${needs.length > 0 ? ` Needs: ${needs.join(', ')}.` : ''}`,
    ...(autobahn === undefined ? [] : [`In the Autobahn test suite: ${autobahn.join(', ')}.`]),
    ...(why === '' ? [] : ['', why]),
    '',
    ...references.map(({ section, quote }) => `${section}: “${quote}”`),
    '',
    'Steps',
    ...steps,
    ...(passive ? ['  The suite does not answer pings and Close frames automatically in this case.'] : []),
    '',
    'Outcomes (the first one that fits counts)',
    ...outcomes,
  ]
    .map((line) => escapeControls(line))
    .join('\n')
}

/** Returns the steps of a case in words. */
export function explainSteps(one: Case): readonly ExplainedStep[] {
  return one.steps.map((step) => explainStep(step, one))
}

/** Returns the conditions of an outcome in words. */
export function explainConditions({ when }: Outcome): string {
  const conditions = describeConditions(when)
  return conditions === '' ? 'In any other case.' : `If there is: ${conditions}.`
}

function explainStep(step: Step, one: Case): ExplainedStep {
  switch (step.do) {
    case 'open':
      return explainOpening(step, one)
    case 'send': {
      const label = step.label === undefined ? '' : ` (step “${step.label}”)`
      const text = `The suite sends ${countPieces(step.pieces)}${describeChunks(step.chunks)}${label}.`
      return { text, ...explainPieces(step.pieces, one) }
    }
    case 'await':
      return { text: `The suite waits for ${describeAwaited(step)}.`, notes: [], hex: '' }
    case 'end':
      return { text: 'The suite ends its direction of the transport.', notes: [], hex: '' }
    case 'reset':
      return { text: 'The suite resets the transport.', notes: [], hex: '' }
  }
}

function explainOpening(step: OpenStep, one: Case): ExplainedStep {
  const { carriers, side } = one
  const isSound = step.raw === undefined && step.line === undefined && step.fields === undefined && !step.before
  const what = isSound ? 'a valid' : 'this'
  const then = step.then === undefined ? '' : `, and in the same write ${countPieces(step.then)}`
  const wait = step.wait === false ? ', and does not wait for the response' : ''
  const sent =
    side === 'server'
      ? `opens the connection with ${what} request`
      : `answers the agent's request with ${what} response`
  const pieces = explainPieces(step.then ?? [], one)
  return {
    text: `The suite ${sent}${then}${describeChunks(step.chunks)}${wait}.`,
    notes: [
      ...headText(step, side, carriers.includes('http/1.1'))
        .split('\r\n')
        .filter((line) => line !== ''),
      ...pieces.notes,
    ],
    hex: pieces.hex,
  }
}

function headText(step: OpenStep, side: Case['side'], overHttp1: boolean): string {
  if (side === 'server') return overHttp1 ? requestText(step, sample) : fieldsText(requestFields(step, 'https', sample))
  return overHttp1 ? responseText(step, sample) : fieldsText(responseFields(step, sample))
}

function countPieces(pieces: readonly Piece[]): string {
  const frames = pieces.filter((piece) => 'frame' in piece).reduce((sum, piece) => sum + repeats(piece), 0)
  if (frames === 0) return 'bytes'
  return pieces.every((piece) => 'frame' in piece) ? count(frames, 'frame') : `${count(frames, 'frame')} and bytes`
}

function repeats(piece: Piece): number {
  return 'frame' in piece ? (piece.repeat ?? 1) : 1
}

/** The sender is the suite: it is a client if the case tests a server. */
function explainPieces(pieces: readonly Piece[], { side }: Case): Pick<ExplainedStep, 'notes' | 'hex'> {
  const role = side === 'server' ? 'client' : 'server'
  const shown = pieces.slice(0, DESCRIBED).map((piece) => encodePiece(piece, role))
  const notes = shown.map(({ note }) => note)
  if (pieces.length > DESCRIBED) notes.push(`… and ${pieces.length - DESCRIBED} more`)
  const digits = shown.map(({ bytes }) => toHex(bytes.subarray(0, SHOWN + 1))).join('')
  const pairs = pairHex(digits)
  return { notes, hex: pairs.slice(0, SHOWN).join(' ') + (pairs.length > SHOWN ? ' …' : '') }
}

function describeChunks(chunks: Chunks | undefined): string {
  if (chunks === undefined || chunks === 'whole') return ''
  if (chunks === 'bytes') return ', byte by byte'
  return 'seed' in chunks ? ', in writes of 1 to 8 bytes' : `, in writes of ${chunks.sizes.join(', ')} bytes`
}

const awaited: Readonly<Record<AwaitStep['for'], string>> = {
  message: 'message',
  pong: 'pong',
  ping: 'ping',
  close: 'Close',
  end: 'end of the transport',
}

function describeAwaited({ for: kind, count: number = 1, briefly }: AwaitStep): string {
  const single =
    kind === 'close' ? "the agent's Close" : kind === 'end' ? 'the end of the transport' : `a ${awaited[kind]}`
  const what = number === 1 ? single : `${count(number, awaited[kind])} in all`
  return briefly ? `${what}, at most a quarter of the case's time` : what
}
