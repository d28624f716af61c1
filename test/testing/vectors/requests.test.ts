// Opening requests, good and faulty, tested with our server side in every split, and with `ws`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptHandshake } from '../../../src/handshake/accept.ts'
import { getHeader } from '../../../src/http/headers.ts'
import { RequestHeadParser } from '../../../src/http/request-parser.ts'
import { faultyRequests, goodRequests, hostLiterals } from '../../../src/testing/index.ts'
import { splits } from '../../wire.ts'
import { expectSoundTable, requestOf, startWs, type WsServer } from './vectors.ts'

test('valid tables', () => {
  expectSoundTable(faultyRequests)
  expectSoundTable(goodRequests)
  expectSoundTable(hostLiterals)
})

// Written by hand, so that a bug of the table's builder cannot hide in all of them.
test('a whole request', () => {
  expect(Buffer.from(goodRequests[0]?.bytes ?? []).toString('latin1')).toBe(
    'GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  )
  const twoHosts = faultyRequests.find(({ title }) => title === 'two Hosts')
  expect(Buffer.from(twoHosts?.bytes ?? []).toString('latin1')).toContain(
    '\r\nHost: server.example.com\r\nHost: other.example.com\r\n',
  )
})

/** Returns the answer of our server side. */
function answer(chunks: readonly Uint8Array[]): ReturnType<typeof acceptHandshake> {
  const parser = new RequestHeadParser()
  for (const chunk of chunks) {
    const parsed = parser.push(chunk)
    if (parsed !== undefined) return acceptHandshake(parsed)
  }
  throw new Error('the head has not ended')
}

describe('our server side', () => {
  test.each(faultyRequests)('$title ($reference): $status', ({ bytes, status, fields, reference }) => {
    for (const chunks of splits(bytes)) {
      const refused = answer(chunks)
      if (refused.ok) throw new Error('accepted')
      expect(refused.errors.map((error) => error.reference)).toEqual([reference])
      expect(refused.response.status).toBe(status)
      for (const name of fields) expect(getHeader(refused.response.headers, name)).toBeTruthy()
    }
  })

  test.each(goodRequests)('$title ($reference): 101', ({ bytes, accept }) => {
    for (const chunks of splits(bytes)) {
      const { response, ok } = answer(chunks)
      expect([ok, response.status, getHeader(response.headers, 'Sec-WebSocket-Accept')]).toEqual([true, 101, accept])
    }
  })
})

test.each(hostLiterals)('answers Host: $title with $status ($reference)', ({ bytes, status }) => {
  for (const chunks of splits(bytes)) expect(answer(chunks).response.status).toBe(status)
})

/** The requests that `ws` on `node:http` answers differently, and why. */
const otherwise: Readonly<Record<string, number>> = {
  // Node's parser does not know such a method.
  'a method in lower case': 400,
  // Its answer for every version but 8 and 13: RFC 6455 §4.4 says "such as 426".
  'version 14, which does not exist': 400,
  'version 0, a draft': 400,
  // It supports that draft too.
  'version 8, a draft': 101,
  // It parses a version like a number in JavaScript.
  'version "0xd"': 101,
  'version "+13"': 101,
  'version "013"': 101,
  'version "13.0"': 101,
  // Neither it nor Node checks these in a request with `Upgrade`.
  'the target *': 101,
  'no Host': 101,
  'two Hosts': 101,
  'a Host with a path': 101,
  'a target with a fragment': 101,
  'Connection that is not a list of tokens': 101,
  'another major version of HTTP': 101,
}

/** Good requests that `ws` refuses, and why. */
const refused: readonly string[] = [
  // It accepts only `websocket` alone.
  'Upgrade that names another protocol first',
  // "A recipient MUST parse and ignore a reasonable number of empty list elements"                    RFC 9110 §5.6.1.2
  'empty list elements',
]

describe('a ws server on node:http', () => {
  let server: WsServer
  beforeAll(async () => {
    server = await startWs()
  })
  afterAll(() => server.stop())

  test.each(faultyRequests)('$title ($reference): $status', async ({ title, bytes, status }) => {
    const response = await requestOf(server.port, bytes)
    expect(Number(response.status.slice(0, 3))).toBe(otherwise[title] ?? status)
  })

  test.each(goodRequests)('$title ($reference)', async ({ title, bytes, accept }) => {
    const { status, headers } = await requestOf(server.port, bytes)
    expect([status.slice(0, 3), headers.get('sec-websocket-accept')]).toEqual(
      refused.includes(title) ? ['400', undefined] : ['101', accept],
    )
  })
})
