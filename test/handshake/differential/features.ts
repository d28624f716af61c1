/**
 * What a pattern may ask of a handshake's text: one field's lines, the elements of a list, the offers of permessage-deflate.
 * Reads as simply as can be, so that it does not share the errors of what is tested.
 */

import { attempt, ProtocolError } from '../../../src/errors.ts'
import { type ExtensionEntry, parseExtensions } from '../../../src/handshake/index.ts'
import { areSound, deflate } from './deflate.ts'
import type { Pattern } from './difference.ts'

/** The lines of the head that counts, without its start line, folded ones made whole. */
function lines(text: string): string[] {
  const heads = text.replace(/^[\r\n]+/, '').split(/\r?\n\r?\n/)
  const head = heads.find((each) => !/^HTTP\/\d\.\d 1(?!01)/.test(each)) ?? ''
  const unfolded = head.replace(/\r?\n[ \t]+/g, ' ')
  return unfolded.split(/\r?\n/).slice(1)
}

/** Without what HTTP calls white space, which is less than JavaScript does. */
function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '')
}

/** The values of one field, a line each. */
function fieldLines(text: string, name: string): string[] {
  const begins = `${name.toLowerCase()}:`
  return lines(text)
    .filter((each) => each.toLowerCase().startsWith(begins))
    .map((each) => trimmed(each.slice(begins.length)))
}

/** The elements of one field, over all its lines, empty ones included. */
export function elements(text: string, name: string): string[] {
  return fieldLines(text, name).flatMap((value) => value.split(',').map(trimmed))
}

/** Whether the lines of a field, joined as Node and we join them, fit an expression. */
export function inField(name: string, expression: RegExp): (text: string) => boolean {
  return (text) => fieldLines(text, name).length > 0 && expression.test(fieldLines(text, name).join(', '))
}

/** Whether a field has no line, one, or several. */
export function hasLines(name: string, count: 'no' | 'one' | 'several'): (text: string) => boolean {
  return (text) => (['no', 'one'][fieldLines(text, name).length] ?? 'several') === count
}

/** No empty line, as h11 looks for it. */
export const endless = /^(?!.*\n\r?\n)/s

/** A comma with nothing on one of its sides. */
export const emptyElement = /^[ \t]*(,|$)|,[ \t]*(,|$)/

/** A comma behind a quote, which separates nothing for whoever minds quotes. */
export const quotedComma = /"[^"]*,/

/** None of a list that breaks the grammar. */
function deflateEntries(text: string): ExtensionEntry[] {
  const entries = attempt(() => fieldLines(text, 'Sec-WebSocket-Extensions').flatMap(parseExtensions))
  return entries instanceof ProtocolError ? [] : entries.filter(({ name }) => name === deflate.name)
}

/** Whether one of the offers or answers must be declined. */
export function hasUnsoundDeflate(answered: boolean): (text: string) => boolean {
  return (text) => deflateEntries(text).some(({ params }) => !areSound(params, answered))
}

export function hasSeveralDeflates(text: string): boolean {
  return deflateEntries(text).length > 1
}

/** Whether there are several, none of which must be declined. */
export function hasSeveralSoundDeflates(text: string): boolean {
  return hasSeveralDeflates(text) && !hasUnsoundDeflate(false)(text)
}

/** An error of ours by its code and the section that it cites, for words may change. */
export function protocolError(code: string, section: string): RegExp {
  return new RegExp(`^${code} \\(RFC ${section.replaceAll('.', '\\.')}\\):`)
}

/** We refuse, and the peer opens a WebSocket. */
export function weRefuse(code: string, section: string, holds?: Pattern['holds']): Pattern {
  return { kind: 'we refuse', ours: protocolError(code, section), theirs: /^accepted/, ...(holds && { holds }) }
}

/** We find this in a head that we cannot read, and the peer opens a WebSocket. */
export function weCannotRead(found: RegExp, text = /^/): Pattern {
  return { kind: 'we refuse', ours: found, theirs: /^accepted/, text }
}

/** We refuse what the peer reads, be it the answer or one that comes before it. */
export function weRefuseToRead(ours: RegExp, text = /^/): Pattern {
  return { kind: 'we refuse', ours, theirs: /^(accepted|waiting)/, text }
}

/** We refuse at once what makes the peer wait for more. */
export function weRefuseEarly(ours: RegExp, text: RegExp): Pattern {
  return { kind: 'we refuse', ours, theirs: /^waiting$/, text }
}

/** The peer refuses for this reason, and we open a WebSocket. */
export function peerRefuses(theirs: RegExp, holds?: Pattern['holds']): Pattern {
  return { kind: 'peer refuses', ours: /^accepted/, theirs, ...(holds && { holds }) }
}
