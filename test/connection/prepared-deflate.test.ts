// Broadcasts between compressed messages: shared if each message starts a new context, without an effect on the messages before and after.

import { describe, expect, test } from 'vitest'
import { zlib } from '../../src/codec/zlib.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { sendPrepared } from '../../src/connection/index.ts'
import { prepareBinary, prepareText } from '../../src/connection/prepared.ts'
import type { Compressor, DeflateCodec } from '../../src/deflate/codec.ts'
import { client, deflating, server } from './outgoing-support.ts'

const json = (name: string) => JSON.stringify(Array.from({ length: 30 }, (_, id) => ({ id, name: `${name} ${id}` })))
const news = json('news')

/** Returns the data that a peer receives from one output, and whether its first frame was compressed. */
function carry(from: Connection, to: Connection): [data: unknown, compressed: boolean] {
  const output = from.takeOutput() as Uint8Array
  const [event, ...more] = to.receive(output)
  expect(more).toEqual([])
  return [event !== undefined && 'data' in event ? event.data : event, ((output[0] as number) & 0x40) !== 0]
}

const takeovers = [
  ['with takeover', {}],
  ['without', { serverNoContextTakeover: true, clientNoContextTakeover: true }],
  ['of the server only', { clientNoContextTakeover: true }],
  ['of the client only', { serverNoContextTakeover: true }],
] as const

describe.each(takeovers)('a broadcast between two messages, %s', (_, own) => {
  test.each([undefined, true, false])(
    'is decoded by every peer, as are the messages before and after it: compress %s',
    (compress) => {
      const [text, binary] = [prepareText(news), prepareBinary(new TextEncoder().encode(news))]
      for (let i = 0; i < 5; i++) {
        const agreement = deflating(own)
        for (const [from, to, shares] of [
          [server(agreement), client(agreement), 'serverNoContextTakeover' in own],
          [client(agreement), server(agreement), 'clientNoContextTakeover' in own],
        ] as const) {
          const before = json(`of ${i}`)
          for (let round = 0; round < 3; round++) {
            from.sendText(before)
            expect(carry(from, to)).toEqual([before, true])
            sendPrepared(from, text, { compress })
            expect(carry(from, to)).toEqual([news, compress ?? shares])
            sendPrepared(from, binary, { compress })
            expect(carry(from, to)).toEqual([new TextEncoder().encode(news), compress ?? shares])
          }
        }
      }
    },
  )
})

describe('sharing', () => {
  const outputs = (own: Parameters<typeof deflating>[0], compress?: boolean) => {
    const message = prepareText(news)
    return Array.from({ length: 4 }, () => {
      const connection = server(deflating(own))
      sendPrepared(connection, message, { compress })
      return connection.takeOutput() as Uint8Array
    })
  }

  test('without takeover: compressed once, with an array for each', () => {
    const all = outputs({ serverNoContextTakeover: true })
    expect(new Set(all).size).toBe(4)
    for (const output of all) expect(output).toEqual(all[0])
    expect(all[0]?.length).toBeLessThan(news.length / 2)
  })

  test('with takeover and compress: true: compressed for each', () => {
    const all = outputs({}, true)
    expect(new Set(all).size).toBe(4)
    for (const { length } of all) expect(length).toBeLessThan(news.length / 2)
  })

  test('other window sizes are another encoding', () => {
    const message = prepareText(news)
    const [small, large] = [9, 15].map((bits) => {
      const agreement = deflating({ serverNoContextTakeover: true, serverMaxWindowBits: bits })
      const [from, to] = [server(agreement), client(agreement)]
      sendPrepared(from, message)
      const output = from.takeOutput() as Uint8Array
      expect(to.receive(output)).toMatchObject([{ data: news }])
      return output
    })
    expect(small).not.toBe(large)
  })

  // The first sender must not decide for all others.
  test.each([
    ['threshold', { threshold: 2000 }, { threshold: 10 }],
    ['level', { level: 0 }, { level: 9 }],
  ])('another %s is another encoding', (_, one, other) => {
    for (const order of [
      [one, other],
      [other, one],
    ]) {
      const message = prepareText('a'.repeat(1000))
      const sizes = order.map((own) => {
        const agreement = deflating({ serverNoContextTakeover: true }, 0, own)
        const [from, to] = [server(agreement), client(agreement)]
        sendPrepared(from, message)
        const output = from.takeOutput() as Uint8Array
        expect(to.receive(output)).toMatchObject([{ data: 'a'.repeat(1000) }])
        return [own === one, output.length < 20]
      })
      for (const [plain, small] of sizes) expect(small).toBe(!plain)
    }
  })

  test('another codec is another encoding; a second object with the same options is not', () => {
    let made = 0
    const counting = (): DeflateCodec => ({
      ...zlib,
      createCompressor: (settings) => {
        const compressor = zlib.createCompressor(settings)
        const compress: Compressor['compress'] = (...given) => {
          made++
          return compressor.compress(...given)
        }
        return { compress, close: () => compressor.close() }
      },
    })
    const codecs = [counting(), counting()] as const
    const message = prepareText(news)
    for (const [codec, expected] of [
      [codecs[0], 1],
      [codecs[0], 1],
      [codecs[1], 2],
      [codecs[1], 2],
    ] as const) {
      sendPrepared(server(deflating({ serverNoContextTakeover: true }, 0, { codec })), message)
      expect(made).toBe(expected)
    }
  })

  test('a message below the threshold is not compressed, unless compress is true', () => {
    const message = prepareText('a'.repeat(40))
    for (const [compress, first] of [
      [undefined, 0x81],
      [true, 0xc1],
      [false, 0x81],
    ] as const) {
      const connection = server(deflating({ serverNoContextTakeover: true }, 100))
      sendPrepared(connection, message, { compress })
      expect(connection.takeOutput()?.[0]).toBe(first)
    }
  })

  test('data that does not get smaller is sent uncompressed, as are empty messages', () => {
    const agreement = deflating({ serverNoContextTakeover: true })
    const [from, to] = [server(agreement), client(agreement)]
    for (const text of ['', 'aZ']) {
      sendPrepared(from, prepareText(text), { compress: true })
      expect(carry(from, to)).toEqual([text, false])
    }
  })
})
