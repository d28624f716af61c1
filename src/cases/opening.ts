/**
 * The parts that the cases of the opening handshake share: ways to write many requests or responses in a table, and their outcomes.
 *
 * @module
 */

import type { OpenStep, Outcome, Piece, Step } from '../testing/case.ts'
import { byItself, type CaseInit, closing, crossedFence, fenced, open, type SectionDefaults, text } from './build.ts'

/** How an opening differs from a valid one. */
export type Changes = Omit<OpenStep, 'do'>

/** A row of a table: the name, the title, the changes, and what differs from the other cases of the table. */
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

// A server's answer to a request

/** A server opens the WebSocket: after its 101 it answers a clean Close. */
export const opens: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It opened the WebSocket, and answered the Close on it.',
    when: { status: 101, close: [1000, 'empty'] },
  },
]

/** The same with pieces after the head, in the same write. */
export function followed(changes: Changes, ...pieces: readonly Piece[]): Changes {
  // biome-ignore lint/suspicious/noThenProperty: a step is data, which no code awaits.
  return { ...changes, then: pieces }
}

/** Opens, and closes cleanly. */
export function openAndClose(changes: Changes = {}): readonly Step[] {
  return [open(changes), ...closing()]
}

/** Cases in which a server must be able to open the WebSocket. */
export function accepted(rows: readonly Row[], shared: SectionDefaults = {}): CaseInit[] {
  return openedAndClosed(opens, rows, shared)
}

/** Cases that open and close cleanly, with the same outcomes. */
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

/** It opened, although it must not. */
export const opened: Outcome = {
  verdict: 'fail',
  reason: 'It opened a WebSocket for a request that it must refuse.',
  when: { status: 101 },
}
/** It ended without a response. */
export const endedWithoutResponse: Outcome = {
  verdict: 'warn',
  reason: 'It ended the connection without a response, so the client does not learn why.',
  when: { status: 'none', end: 'any' },
}
/** It answered the request as a plain one. */
export const tookForPlain: Outcome = {
  verdict: 'warn',
  reason: 'It answered as if the request were a plain one. RFC 6455 §4.2.1 requires an error code.',
  when: { status: ['2xx', '3xx'] },
}
/** It answered with a server error. */
export const blamedItself: Outcome = {
  verdict: 'warn',
  reason: 'It refused the request, but with a status for server errors (RFC 9110 §15.6).',
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

/** A request that does not ask for a WebSocket: any answer except a WebSocket is valid. */
export const ignored: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It answered by HTTP, and opened no WebSocket.',
    when: { status: ['2xx', '3xx', '4xx', 501, 505] },
  },
  { verdict: 'warn', reason: 'It opened no WebSocket, but answered with a server error.', when: { status: '5xx' } },
  endedWithoutResponse,
  { verdict: 'fail', reason: 'It opened a WebSocket without being asked for one.', when: { status: 101 } },
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

/** A choice of the server: it opens, or refuses with a client error. */
export const itsChoice: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It opened the WebSocket.', when: { status: 101, close: [1000, 'empty'] } },
  { verdict: 'pass', reason: 'It refused the request, as its policy may.', when: { status: '4xx' } },
  { verdict: 'info', reason: 'It refused the request, but with a server error.', when: { status: '5xx' } },
  { verdict: 'info', reason: 'It answered by HTTP.', when: { status: ['2xx', '3xx'] } },
  { verdict: 'info', reason: 'It ended the connection without a response.', when: { status: 'none', end: 'any' } },
]

// A client's reaction to a response

/** A client accepts the response: it answers a clean Close on the WebSocket. */
export const takes: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It opened the WebSocket, and answered the Close on it.',
    when: { close: [1000, 'empty'] },
  },
  {
    verdict: 'fail',
    reason: 'It gave up, although the response opens a WebSocket.',
    when: { close: 'none' },
  },
]

/** A client does not accept the response of {@link tried}: it sends nothing, not even a Close, and ends. */
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
  { verdict: 'fail', reason: 'It opened the WebSocket: it answered a ping on it.', when: crossedFence },
  {
    verdict: 'warn',
    reason: 'It opened no WebSocket, but kept the connection open, as if it expected more.',
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

/** Cases in which a client must accept the response. */
export function taken(rows: readonly Row[], shared: SectionDefaults = {}): CaseInit[] {
  return openedAndClosed(takes, rows, shared)
}

/** Cases in which a text, a ping and a clean Close follow a response, to see whether the client accepts it. */
export function tried(outcomes: readonly Outcome[], rows: readonly Row[], shared: SectionDefaults = {}): CaseInit[] {
  return openings(outcomes, rows, shared).map((one) => ({
    ...one,
    steps: [...one.steps, ...fenced(text('Hello'))],
  }))
}

/** Joins the lines of a head. */
export function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** The lines of a valid request, for cases that write the whole head. */
export const requestLines: readonly string[] = [
  'GET {path} HTTP/1.1',
  'Host: {host}',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: {key}',
  'Sec-WebSocket-Version: 13',
]
