// Opening responses, good and faulty, tested with our client side in every split, and with `ws`.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { computeAccept, offerHandshake, verifyHandshake } from '../../../src/handshake/index.ts'
import { ResponseHeadParser } from '../../../src/http/index.ts'
import { faultyResponses, goodResponses } from '../../../src/testing/index.ts'
import { within } from '../../peers/support.ts'
import { splits } from '../../wire.ts'
import { expectSoundTable } from './vectors.ts'

test('valid tables', () => {
  expectSoundTable(faultyResponses)
  expectSoundTable(goodResponses)
})

// Written by hand, so that a bug of the table's builder cannot hide in all of them.
test('a whole response', () => {
  expect(Buffer.from(goodResponses[0]?.bytes ?? []).toString('latin1')).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
  )
})

type Vector = (typeof faultyResponses | typeof goodResponses)[number]

/** Returns the result of our client side. */
function answer({ subprotocols }: Vector, chunks: readonly Uint8Array[]): ReturnType<typeof verifyHandshake> {
  const offer = offerHandshake('ws://server.example.com/chat', { key: 'dGhlIHNhbXBsZSBub25jZQ==', subprotocols })
  const parser = new ResponseHeadParser()
  for (const chunk of chunks) {
    const parsed = parser.push(chunk)
    if (parsed !== undefined) return verifyHandshake(parsed, offer)
  }
  throw new Error('the head has not ended')
}

describe('our client side', () => {
  test.each(faultyResponses)('$title ($reference)', (vector) => {
    for (const chunks of splits(vector.bytes)) {
      const rejected = answer(vector, chunks)
      if (rejected.ok) throw new Error('verified')
      expect(rejected.errors.map((error) => error.reference)).toEqual([vector.reference])
    }
  })

  test.each(goodResponses)('$title ($reference): opens', (vector) => {
    for (const chunks of splits(vector.bytes))
      expect(answer(vector, chunks)).toMatchObject({ ok: true, subprotocol: vector.subprotocol })
  })
})

/** Whether a `ws` client opens for a response, whose accept is replaced by that of its own key. */
async function opens({ bytes, subprotocols }: Vector): Promise<boolean> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (request) => {
      const key = /sec-websocket-key: (.*)\r\n/i.exec(request.toString('latin1'))?.[1] ?? ''
      const text = Buffer.from(bytes).toString('latin1').replaceAll('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', computeAccept(key))
      socket.write(Buffer.from(text, 'latin1'))
    })
  })
  server.listen(0, '127.0.0.1')
  await within(once(server, 'listening'), 'the server to listen')
  const { port } = server.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}/chat`, [...subprotocols], { perMessageDeflate: false })
  // The failure; `close` follows it.
  client.on('error', () => {})
  const opened = await within(
    new Promise<boolean>((resolve) => {
      client.on('open', () => resolve(true))
      client.on('close', () => resolve(false))
    }),
    'the client to decide',
  )
  client.terminate()
  server.close()
  return opened
}

/** Faulty responses that `ws` accepts, and why. */
const lenient: readonly string[] = [
  // Neither it nor Node's parser checks the version of a response.
  'HTTP/2.0 in a status line',
  'a 101 in HTTP/1.0',
]
/** Good responses that `ws` refuses, and why. */
const strict: readonly string[] = [
  // "A user agent that receives an obs-fold … MUST replace each received obs-fold with one or more SP octets"  RFC 9112 §5.2
  'a folded line',
]

describe('a ws client on node:http', () => {
  test.each(faultyResponses)('$title ($reference)', async (vector) => {
    expect(await opens(vector)).toBe(lenient.includes(vector.title))
  })

  test.each(goodResponses)('$title ($reference): opens', async (vector) => {
    expect(await opens(vector)).toBe(!strict.includes(vector.title))
  })
})
