/**
 * Knows what the cases share: both ends of a connection in memory, how an expectation is told, and one JSON line a case. Needs
 * nothing but the package and `console`.
 */

import {
  acceptHandshake,
  Connection,
  formatRequestHead,
  formatResponse,
  offerHandshake,
  RequestHeadParser,
  ResponseHeadParser,
  verifyHandshake,
} from '../../dist/index.js'

/** A client and a server that have shaken hands in chunks of three bytes, with the same extensions. */
export function open(extensions = [], limits = {}) {
  const size = 3
  const offer = offerHandshake('ws://example.test/chat?room=1', { subprotocols: ['v2', 'v1'], extensions })
  const request = push(new RequestHeadParser(), formatRequestHead(offer.request), size)
  const accepted = acceptHandshake(request, { subprotocols: ['v1'], extensions })
  equal([accepted.ok, accepted.subprotocol].join(' '), 'true v1')
  const response = push(new ResponseHeadParser(), formatResponse(accepted.response), size)
  const verified = verifyHandshake(response, offer)
  equal([verified.ok, verified.subprotocol].join(' '), 'true v1')
  return {
    client: new Connection({ role: 'client', agreement: verified, extensions, limits }),
    server: new Connection({ role: 'server', agreement: accepted, extensions, limits }),
  }
}

function push(parser, bytes, size) {
  let parsed
  for (let at = 0; at < bytes.length && parsed === undefined; at += size)
    parsed = parser.push(bytes.subarray(at, at + size))
  equal(parsed?.ok, true)
  return parsed
}

/** The events of bytes that come in chunks of `size`, each to be answered before the next chunk comes. */
export function* receiveIn(connection, bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield* connection.receive(bytes.slice(at, at + size))
}

export function list(bytes) {
  return Array.from(bytes).join(' ')
}

export function equal(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${short(expected)}, got ${short(actual)}`)
}

function short(value) {
  const text = String(value)
  return text.length > 80 ? `${text.slice(0, 80)}… (${text.length})` : text
}

/** Runs each function under its name. The names come first: a host that dies half-way has failed the rest. */
export function runCases(cases) {
  console.log(JSON.stringify({ cases: Object.keys(cases) }))
  for (const [name, run] of Object.entries(cases)) {
    let error
    try {
      run()
    } catch (thrown) {
      error = String(thrown?.stack ?? thrown)
    }
    console.log(JSON.stringify({ case: name, ok: error === undefined, error }))
  }
}
