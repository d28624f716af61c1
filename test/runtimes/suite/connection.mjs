/**
 * What a connection must do in every runtime: whole conversations by their bytes, every kind of end, errors of a peer, times passed
 * in, messages in pieces, prepared ones, and snapshots.
 */

import { resumeConnection, sendPrepared, snapshotConnection, startMessage } from '../../../dist/connection/index.js'
import { Connection, defineExtension, ProtocolError, prepareText } from '../../../dist/index.js'
import { bytesOf, concat, cut, exchange, maskKeys, open, pattern, receiveIn, utf8 } from './tools.mjs'

const multiByte = 'wörld €𝄞 '

/** What a client may not send, and the required Close; each after a valid frame. */
const errors = [
  ['81 01 61', '88 02 03 ea', 'unmasked'],
  ['f2 80 00 00 00 00', '88 02 03 ea', 'reserved-bits'],
  ['81 81 00 00 00 00 ff', '88 02 03 ef', 'utf8'],
  ['01 82 00 00 00 00 ce ce', '88 02 03 ef', 'utf8'],
  ['82 ff 00 00 00 00 01 00 00 01 00 00 00 00', '88 02 03 f1', 'too-large'],
  ['88 81 00 00 00 00 03', '88 02 03 ea', 'close-payload'],
  ['88 82 00 00 00 00 03 ed', '88 02 03 ea', 'close-code'],
]

/** Ends each message with its length, on RSV2. */
const counted = defineExtension({
  name: 'x-counted',
  rsv: 2,
  offer: () => [{}],
  accept: () => ({ params: {}, response: {} }),
  verify: () => ({}),
  open() {
    let held = new Uint8Array(0)
    let sent = 0
    return {
      encode(piece, { first, last }) {
        sent = (first ? 0 : sent) + piece.length
        return last ? concat(piece, Uint8Array.of(sent)) : piece
      },
      decode(piece, { first, last }) {
        held = first ? Uint8Array.from(piece) : concat(held, piece)
        if (!last) return new Uint8Array(0)
        const data = held.slice(0, -1)
        if (held.at(-1) === (data.length & 255)) return data
        throw new ProtocolError('extension-data', 'another length', { closeCode: 1007 })
      },
    }
  },
})

export const connection = {
  'a conversation, in chunks of any size'(transcript) {
    const long = `${multiByte.repeat(2000)}end`
    const bytes = pattern(70_000)
    for (const size of [1, 977, 65_536]) {
      const { client, server } = open()
      client.sendText('hello')
      client.sendText(long)
      client.sendBinary(bytes)
      client.ping('are you there')
      client.close(1000, 'bye')
      const seen = exchange(transcript, client, server, size)
      const pong = seen.client.find(({ type }) => type === 'pong')
      transcript.equal(pong.data, utf8('are you there'))
      // A pong does not wait for the answer to the bytes before its ping.
      const [text, longText, binary, closed, ...more] = seen.client.filter((event) => event !== pong)
      transcript.equal([text.data, longText.data, binary.data, more], ['hello', long, bytes, []])
      transcript.equal([closed.code, closed.clean, closed.by], [1000, true, 'local'])
      const last = seen.server.at(-1)
      transcript.equal(
        [last.code, last.reason, last.by, server.transport, client.transport],
        [1000, 'bye', 'remote', 'end', 'end'],
      )
    }
  },

  'every end'(transcript) {
    const ends = [
      [(server) => server.close(), '88 00', 1005],
      [(server) => server.close(1001), '88 02 03 e9', 1001],
      [(server) => server.close(4001, 'tschüß'), '88 0a 0f a1 74 73 63 68 c3 bc c3 9f', 4001],
    ]
    for (const [close, bytes, code] of ends) {
      const { client, server } = open()
      close(server)
      const sent = server.takeOutput()
      transcript.equal(sent, bytesOf(bytes))
      const [event] = client.receive(sent)
      transcript.equal([event.type, event.code, event.by], ['close', code, 'remote'])
      const answer = client.takeOutput()
      transcript.note(answer)
      transcript.equal([client.sendText('late'), server.sendText('late')], [false, false])
      transcript.note(server.receive(answer))
      transcript.equal([server.state, server.transport, client.transport], ['closed', 'end', 'keep'])
      transcript.equal([server.receiveEnd(), client.receiveEnd(), client.transport], [[], [], 'end'])
    }
    const { client } = open()
    const [torn] = client.receiveEnd()
    transcript.equal([torn.code, torn.clean, torn.by], [1006, false, 'transport'])
  },

  'what a peer may not do'(transcript) {
    const sound = bytesOf('81 82 00 00 00 00 48 69')
    for (const [bytes, close, code] of errors)
      for (const size of [1, 1000]) {
        const server = new Connection({ role: 'server' })
        const [text, closed, ...more] = [...receiveIn(server, concat(sound, bytesOf(bytes)), size)]
        transcript.equal([text.data, closed.type, closed.error.code, more], ['Hi', 'close', code, []])
        transcript.note(closed)
        const sent = server.takeOutput()
        // After the code comes the reason, for people.
        transcript.equal([sent[0], sent.subarray(2, 4)], [0x88, bytesOf(close).subarray(2)])
        transcript.note(sent)
        transcript.equal([server.receive(sound), server.sendText('late')], [[], false])
      }
  },

  'times that are passed in'(transcript) {
    const keepalive = { interval: 1000, timeout: 300 }
    const { client, server } = open([], { keepalive, closeTimeout: 500 })
    transcript.equal([server.pollAt, server.poll(0), server.pollAt], [-Infinity, [], 1000])
    server.poll(1000)
    const ping = server.takeOutput()
    transcript.note(ping)
    const [asked] = client.receive(ping, 1010)
    const pong = client.takeOutput()
    transcript.note(pong)
    const [answered] = server.receive(pong, 1020)
    transcript.equal([asked.type, answered.type, answered.roundTrip, server.pollAt], ['ping', 'pong', 20, 2020])
    server.poll(2020)
    server.poll(2170)
    const [late] = server.poll(2320)
    transcript.equal([late.type, late.code, late.error.code, server.transport], ['close', 1006, 'timeout', 'destroy'])
  },

  'messages in pieces'(transcript) {
    const { client, server } = open([], { pieces: true, fragmentSize: 100 })
    const text = multiByte.repeat(30)
    const message = startMessage(client, 'text')
    for (let at = 0; at < text.length; at += 7) message.write(text.slice(at, at + 7))
    client.ping('between')
    message.end()
    client.sendBinary(pattern(250))
    const sent = client.takeOutput()
    transcript.note(sent)
    for (const size of [1, 50, sent.length]) {
      const receiver = size === 1 ? server : open([], { pieces: true }).server
      const events = [...receiveIn(receiver, sent, size)]
      const of = (wanted) => events.filter(({ type }) => type === wanted)
      transcript.equal(
        of('text')
          .map(({ data }) => data)
          .join(''),
        text,
      )
      transcript.equal(concat(...of('binary').map(({ data }) => data)), pattern(250))
      transcript.equal([of('text')[0].first, of('text').at(-1).last, of('ping').length], [true, true, 1])
      transcript.note(events)
    }
  },

  'one prepared message for many connections'(transcript) {
    const prepared = prepareText(multiByte.repeat(20))
    const ends = [open(), open()]
    const [first, second] = ends.map(({ server }) => {
      sendPrepared(server, prepared)
      return server.takeOutput()
    })
    transcript.equal(first, second)
    for (const { client } of ends) {
      sendPrepared(client, prepared)
      const [event] = new Connection({ role: 'server' }).receive(client.takeOutput())
      transcript.equal(event.data, multiByte.repeat(20))
    }
  },

  'a snapshot in the middle of a message'(transcript) {
    const { client, server } = open()
    const text = multiByte.repeat(40)
    client.sendText(text)
    const size = client.outputSize
    client.sendText('after it')
    const sent = client.takeOutput()
    for (const at of [1, 5, 8, 100, 101, 102, size - 1]) {
      const before = resumeConnection(snapshotConnection(open().server))
      transcript.equal(before.receive(sent.slice(0, at)), [])
      before.sendText('waiting')
      const snapshot = snapshotConnection(before)
      for (const moved of [structuredClone(snapshot), JSON.parse(JSON.stringify(snapshot))]) {
        const after = resumeConnection(moved)
        transcript.equal(
          after.receive(sent.slice(at)).map(({ data }) => data),
          [text, 'after it'],
        )
        transcript.equal(after.takeOutput(), bytesOf('81 07 77 61 69 74 69 6e 67'))
      }
    }
    transcript.note(snapshotConnection(server))
  },

  'a custom extension'(transcript) {
    const { client, server } = open([counted])
    client.sendText('Hello')
    client.sendBinary(new Uint8Array(0))
    const seen = exchange(transcript, client, server, 3)
    transcript.equal(seen.client.map(({ type, data }) => [type, data]).slice(0, 2), [
      ['text', 'Hello'],
      ['binary', new Uint8Array(0)],
    ])
    const [broken] = open([counted]).server.receive(bytesOf('a1 82 00 00 00 00 61 07'))
    transcript.equal([broken.code, broken.error.code], [1007, 'extension-data'])
  },

  'a thousand small messages in one chunk'(transcript) {
    const client = new Connection({ role: 'client', maskKeys: maskKeys() })
    for (let i = 0; i < 1000; i++) client.sendText(`message ${i}`)
    const sent = client.takeOutput()
    transcript.note(sent)
    for (const ownsChunks of [false, true]) {
      const server = new Connection({ role: 'server', ownsChunks })
      for (const chunk of cut(sent, 4099))
        for (const event of receiveIn(server, chunk)) server.sendText(event.data.toUpperCase())
      transcript.note(server.takeOutput())
    }
  },
}
