/**
 * Peer input for the tables of functions: heads in every form, frames, numbers, each with its probability.
 *
 * @module
 */

import fc from 'fast-check'
import { frames } from './frames.ts'
import {
  isSection,
  requestForm,
  requestHead,
  requestSection,
  responseForm,
  responseHead,
  responseSection,
  soundHead,
  spoil,
  spoiled,
  toBytes,
  toRequest,
  toResponse,
  toText,
} from './heads.ts'
import { Functions, type Kind, type Values } from './values.ts'
import { frameExclusions, frameSteps } from './values-frames.ts'
import { httpExclusions, httpSteps } from './values-http.ts'

export const functions = new Functions([...httpSteps, ...frameSteps])
export const exclusions = [...httpExclusions, ...frameExclusions]

/** Input from a peer, in the form taken by the first function that reads it. */
export interface Sent<Name extends Kind = Kind> {
  readonly kind: Name
  readonly value: Values[Name]
}

const sent = <Name extends Kind>(kind: Name, values: fc.Arbitrary<Values[Name]>): fc.Arbitrary<Sent> =>
  values.map((value) => ({ kind, value }) as Sent)

const requests = fc
  .tuple(requestHead, requestSection, requestForm, fc.nat(7))
  .map(([head, section, form, variant]) => toRequest(soundHead(isSection(form) ? section : head), form, variant))
  .filter((request) => request !== undefined)
const responses = fc
  .tuple(responseHead, responseSection, responseForm, fc.nat(7))
  .map(([head, section, form, variant]) => toResponse(soundHead(isSection(form) ? section : head), form, variant))
  .filter((response) => response !== undefined)
const bytesOf = (heads: typeof requestHead): fc.Arbitrary<Uint8Array> =>
  fc.tuple(heads, spoil).map(([head, edits]) => toBytes(spoiled(toText(head), edits)))

const codes = fc.oneof(fc.nat(300), fc.nat(0xffffffff), fc.maxSafeNat())

export const anything: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 6, arbitrary: sent('bytes of a request', bytesOf(requestHead)) },
  { weight: 8, arbitrary: sent('request', requests) },
  { weight: 4, arbitrary: sent('bytes of a response', bytesOf(responseHead)) },
  { weight: 6, arbitrary: sent('response', responses) },
  { weight: 3, arbitrary: sent('bytes of frames', frames) },
  { weight: 1, arbitrary: sent('bytes of a Close', closePayload()) },
  { weight: 1, arbitrary: sent('error code of a stream', codes) },
  { weight: 1, arbitrary: sent('value of a setting', codes) },
)

function closePayload(): fc.Arbitrary<Uint8Array> {
  const code = fc.oneof(fc.constantFrom(1000, 1001, 1005, 1006, 1010, 1015, 2999, 3000, 4999, 5000), fc.nat(0xffff))
  const reason = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 123 }),
  )
  return fc.oneof(
    fc.tuple(code, reason).map(([number, text]) => Uint8Array.of(number >> 8, number & 255, ...text).subarray(0, 125)),
    fc.uint8Array({ maxLength: 125 }),
  )
}

/** Only expected errors are thrown. @param ignored Signatures of errors already found. */
export function agrees({ kind, value }: Sent, ignored: ReadonlySet<string>): void {
  const { stackTraceLimit } = Error
  // Most errors are caught and their stacks never read; the place in the code already distinguishes errors.
  Error.stackTraceLimit = 2
  try {
    functions.follow(kind, value, ignored)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
