/**
 * What the cases of the opening handshake share: ways to write many requests or responses in a table, and the outcomes that they
 * allow.
 *
 * @module
 */

import type { OpenStep, Outcome, Piece, Step } from '../testing/case.ts'
import { byItself, type CaseInit, closing, crossedFence, fenced, open, type SectionDefaults, text } from './build.ts'

/** How an opening differs from a sound one. */
export type Changes = Omit<OpenStep, 'do'>

/** A case of a table: its name, its title, the changes, and what differs from the other cases of the table. */
export type Row = readonly [name: string, title: string, changes: Changes, more?: SectionDefaults]

/** Cases that only open, with the same outcomes. */
export function openings(outcomes: readonly Outcome[], rows: readonly Row[], shared: SectionDefaults = {}): CaseInit[] {
  return rows.map(([name, title, changes, more]) => ({
    ...shared,
    name,
    title,
    steps: [open(changes)],
    outcomes,
    ...more,
  }))
}

// What a server does with a request

/** A server opens the WebSocket: after its 101, an orderly Close is answered. */
export const opens: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It opened the WebSocket, and answered the Close on it.',
    when: { status: 101, close: [1000, 'empty'] },
  },
]

/** The same with pieces after the head, in the same write. */
export function followed(changes: Changes, ...pieces: readonly Piece[]): Changes {
  // biome-ignore lint/suspicious/noThenProperty: a step is data, which nobody awaits.
  return { ...changes, then: pieces }
}

/** Opens, and closes in order. */
export function openAndClose(changes: Changes = {}): readonly Step[] {
  return [open(changes), ...closing()]
}

/** Cases in which a server must be able to open the WebSocket. */
export function accepted(rows: readonly Row[], shared: SectionDefaults = {}): CaseInit[] {
  return openedAndClosed(opens, rows, shared)
}

/** Cases that open and close in order, with the same outcomes. */
export function openedAndClosed(
  outcomes: readonly Outcome[],
  rows: readonly Row[],
  shared: SectionDefaults = {},
): CaseInit[] {
  return rows.map(([name, title, changes, more]) => ({
    ...shared,
    name,
    title,
    steps: openAndClose(changes),
    outcomes,
    ...more,
  }))
}

/** It opened, though it must not. */
export const opened: Outcome = {
  verdict: 'fail',
  reason: 'It opened a WebSocket for a request that it must refuse.',
  when: { status: 101 },
}
/** It ended without a response. */
export const endedWithoutResponse: Outcome = {
  verdict: 'warn',
  reason: 'It ended the connection without a response, so that the client does not learn why.',
  when: { status: 'none', end: 'any' },
}
/** It answered the request as a plain one. */
export const tookForPlain: Outcome = {
  verdict: 'warn',
  reason: 'It answered as if no WebSocket had been asked for. RFC 6455 §4.2.1 asks for an error code.',
  when: { status: ['2xx', '3xx'] },
}
/** It answered with an error of its own. */
export const blamedItself: Outcome = {
  verdict: 'warn',
  reason: 'It refused the request, but with a status for errors of servers (RFC 9110 §15.6).',
  when: { status: '5xx' },
}

/** A request for a WebSocket that breaks the rules of RFC 6455: "an appropriate error code (such as 400 Bad Request)". */
export const refused: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It refused the request with an error code.', when: { status: '4xx' } },
  blamedItself,
  tookForPlain,
  endedWithoutResponse,
  opened,
]

/** A request whose answer must be 400 by a rule of HTTP. */
export const refusedWith400: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It answered 400.', when: { status: 400 } },
  { verdict: 'warn', reason: 'It refused the request, but not with 400.', when: { status: ['4xx', '5xx'] } },
  endedWithoutResponse,
  {
    verdict: 'fail',
    reason: 'It processed a request that it must answer with 400.',
    when: { status: [101, '2xx', '3xx'] },
  },
]

/** A request that asks for no WebSocket: anything but a WebSocket is a fair answer. */
export const ignored: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It answered by HTTP, and opened no WebSocket.',
    when: { status: ['2xx', '3xx', '4xx', 501, 505] },
  },
  { verdict: 'warn', reason: 'It opened no WebSocket, but with an error of a server.', when: { status: '5xx' } },
  endedWithoutResponse,
  { verdict: 'fail', reason: 'It opened a WebSocket that was not asked for.', when: { status: 101 } },
]

/** A form that a server may refuse or read leniently. */
export function either(leniently: string): readonly Outcome[] {
  return [
    { verdict: 'pass', reason: 'It refused the request.', when: { status: ['4xx', '5xx'] } },
    { verdict: 'pass', reason: leniently, when: { status: 101, close: [1000, 'empty'] } },
    { verdict: 'info', reason: 'It answered by HTTP.', when: { status: ['2xx', '3xx'] } },
    endedWithoutResponse,
  ]
}

/** A choice of the server's: it opens, or refuses as an error of the client. */
export const itsChoice: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It opened the WebSocket.', when: { status: 101, close: [1000, 'empty'] } },
  { verdict: 'pass', reason: 'It refused the request, as its policy may.', when: { status: '4xx' } },
  { verdict: 'info', reason: 'It refused the request, but with an error of a server.', when: { status: '5xx' } },
  { verdict: 'info', reason: 'It answered by HTTP.', when: { status: ['2xx', '3xx'] } },
  { verdict: 'info', reason: 'It ended the connection without a response.', when: { status: 'none', end: 'any' } },
]

// What a client does with a response

/** A client takes the response: it answers an orderly Close on the WebSocket. */
export const takes: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It took the WebSocket, and answered the Close on it.', when: { close: [1000, 'empty'] } },
  {
    verdict: 'fail',
    reason: 'It gave up, although the response opens a WebSocket.',
    when: { close: 'none' },
  },
]

/** A client does not take the response of {@link tried}: it sends nothing, not even a Close, and ends. */
export const givesUp: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It gave up without a frame.',
    when: byItself({ close: 'none', messages: [], end: 'any' }),
  },
  {
    verdict: 'warn',
    reason: 'It gave up, but sent a Close on a WebSocket that was never opened.',
    when: byItself({ close: 'any', messages: [] }),
  },
  { verdict: 'fail', reason: 'It took the WebSocket: it answered a ping on it.', when: crossedFence },
  {
    verdict: 'warn',
    reason: 'It opened no WebSocket, but kept the connection, as if more was to come.',
    when: { close: 'none', messages: [], end: 'none' },
  },
]

/** A response that a client may refuse or read leniently. */
export function eitherWay(leniently: string): readonly Outcome[] {
  return [
    { verdict: 'pass', reason: 'It gave up.', when: { close: 'none', messages: [], end: 'any' } },
    { verdict: 'pass', reason: leniently, when: { close: [1000, 'empty'] } },
  ]
}

/** Cases in which a client must be able to take the response. */
export function taken(rows: readonly Row[], shared: SectionDefaults = {}): CaseInit[] {
  return openedAndClosed(takes, rows, shared)
}

/** Cases in which a text, a ping and an orderly Close follow a response, to see whether the client takes it. */
export function tried(outcomes: readonly Outcome[], rows: readonly Row[], shared: SectionDefaults = {}): CaseInit[] {
  return openings(outcomes, rows, shared).map((one) => ({
    ...one,
    steps: [...one.steps, ...fenced(text('Hello'))],
  }))
}

/** A whole head out of its lines. */
export function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** The lines of a sound request, for cases that write the whole head. */
export const requestLines: readonly string[] = [
  'GET {path} HTTP/1.1',
  'Host: {host}',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: {key}',
  'Sec-WebSocket-Version: 13',
]
