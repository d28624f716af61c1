/**
 * The features of a handshake's text that a pattern can check: the lines of a field, the elements of a list, the offers of
 * permessage-deflate. The code is as simple as possible, so that it does not share the errors of the code under test.
 */

import { attempt, ProtocolError } from '../../../src/errors.ts'
import { type ExtensionEntry, parseExtensions } from '../../../src/handshake/index.ts'
import { areValid, deflate } from './deflate.ts'
import type { Pattern } from './difference.ts'

/** Returns the lines of the final head, without its start line, with folded lines joined. */
function lines(text: string): string[] {
  const heads = text.replace(/^[\r\n]+/, '').split(/\r?\n\r?\n/)
  const head = heads.find((each) => !/^HTTP\/\d\.\d 1(?!01)/.test(each)) ?? ''
  const unfolded = head.replace(/\r?\n[ \t]+/g, ' ')
  return unfolded.split(/\r?\n/).slice(1)
}

/** Removes the white space of HTTP, which is less than that of JavaScript. */
function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '')
}

/** Returns the values of a field, one per line. */
function fieldLines(text: string, name: string): string[] {
  const begins = `${name.toLowerCase()}:`
  return lines(text)
    .filter((each) => each.toLowerCase().startsWith(begins))
    .map((each) => trimmed(each.slice(begins.length)))
}

/** Returns the elements of a field, on all its lines, including empty ones. */
export function elements(text: string, name: string): string[] {
  return fieldLines(text, name).flatMap((value) => value.split(',').map(trimmed))
}

/** Whether the lines of a field, joined as Node and our parser join them, match an expression. */
export function inField(name: string, expression: RegExp): (text: string) => boolean {
  return (text) => fieldLines(text, name).length > 0 && expression.test(fieldLines(text, name).join(', '))
}

/** Whether a field has no line, one, or several. */
export function hasLines(name: string, count: 'no' | 'one' | 'several'): (text: string) => boolean {
  return (text) => (['no', 'one'][fieldLines(text, name).length] ?? 'several') === count
}

/** A text without the empty line that h11 looks for. */
export const endless = /^(?!.*\n\r?\n)/s

/** A comma without text on one side. */
export const emptyElement = /^[ \t]*(,|$)|,[ \t]*(,|$)/

/** A comma after a quote, which is not a separator for a parser that reads quotes. */
export const quotedComma = /"[^"]*,/

/** Returns the offers of permessage-deflate; none for a list that breaks the grammar. */
function deflateEntries(text: string): ExtensionEntry[] {
  const entries = attempt(() => fieldLines(text, 'Sec-WebSocket-Extensions').flatMap(parseExtensions))
  return entries instanceof ProtocolError ? [] : entries.filter(({ name }) => name === deflate.name)
}

/** Whether one of the offers or responses must be declined. */
export function hasInvalidDeflate(answered: boolean): (text: string) => boolean {
  return (text) => deflateEntries(text).some(({ params }) => !areValid(params, answered))
}

export function hasSeveralDeflates(text: string): boolean {
  return deflateEntries(text).length > 1
}

/** Whether there are several, and none of them must be declined. */
export function hasSeveralValidDeflates(text: string): boolean {
  return hasSeveralDeflates(text) && !hasInvalidDeflate(false)(text)
}

/** Matches our error by its code and section, since its message may change. */
export function protocolError(code: string, section: string): RegExp {
  return new RegExp(`^${code} \\(RFC ${section.replaceAll('.', '\\.')}\\):`)
}

/** Our side refuses, and the peer opens a WebSocket. */
export function weRefuse(code: string, section: string, matches?: Pattern['matches']): Pattern {
  return { kind: 'we refuse', ours: protocolError(code, section), theirs: /^accepted/, ...(matches && { matches }) }
}

/** Our side finds this in an unreadable head, and the peer opens a WebSocket. */
export function weCannotRead(found: RegExp, text = /^/): Pattern {
  return { kind: 'we refuse', ours: found, theirs: /^accepted/, text }
}

/** Our side refuses a response that the peer reads, be it the final or an interim one. */
export function weRefuseToRead(ours: RegExp, text = /^/): Pattern {
  return { kind: 'we refuse', ours, theirs: /^(accepted|waiting)/, text }
}

/** Our side refuses at once, and the peer waits for more bytes. */
export function weRefuseEarly(ours: RegExp, text: RegExp): Pattern {
  return { kind: 'we refuse', ours, theirs: /^waiting$/, text }
}

/** The peer refuses for this reason, and our side opens a WebSocket. */
export function peerRefuses(theirs: RegExp, matches?: Pattern['matches']): Pattern {
  return { kind: 'peer refuses', ours: /^accepted/, theirs, ...(matches && { matches }) }
}
