/**
 * Compares encoders: each writes a frame into one buffer that could go to a socket, in our three ways and in that of ws, a list of
 * buffers that is joined. First checks that all write the same bytes; where masks are random, a decoder reads them.
 */

import { deepStrictEqual } from 'node:assert'
import { encodeFrameInto } from '../dist/frame/index.js'
import { Connection, encodeFrame, FrameDecoder } from '../dist/index.js'
import { SenderAlone, SenderWithAddon } from './contenders.mjs'
import { makeText } from './input.mjs'
import { measure, number, printTable, ratios, ratioTitles, repeat, sizeLabel, time, timesToFill } from './rounds.mjs'

const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
const fixed = (target) => {
  for (let i = 0; i < 4; i++) target[i] = key[i]
}

/** ws returns one buffer if it may not overwrite the payload that it masks, else two, which are joined here. */
function join(list) {
  return list.length === 1 ? list[0] : Buffer.concat(list)
}

function sender(name, Sender, options) {
  return { name, ours: false, write: (payload) => join(Sender.frame(payload, { fin: true, ...options })) }
}

/** As its WebSocket calls it; `readOnly`, because the bytes belong to the caller. */
function senders(options) {
  const all = { rsv1: false, mask: false, readOnly: true, ...options }
  return [sender('ws + addon', SenderWithAddon, all), sender('ws alone', SenderAlone, all)]
}

const server = new Connection({ role: 'server' })
const client = new Connection({ role: 'client', maskKeys: () => key })
const random = new Connection({ role: 'client' })

function sendBinary(connection) {
  const write = (payload) => {
    connection.sendBinary(payload)
    return connection.takeOutput()
  }
  return { name: 'Connection', ours: true, write }
}

function sendText(connection) {
  const write = (payload) => {
    connection.sendText(payload)
    return connection.takeOutput()
  }
  return { name: 'Connection', ours: true, write }
}

/** `frame(payload)` describes a frame, to be written into a new array and into a reused one. */
function encoders(frame) {
  const target = new Uint8Array(2048)
  return [
    { name: 'encodeFrame', ours: true, write: (payload) => encodeFrame(frame(payload)) },
    {
      name: 'encodeFrameInto',
      ours: true,
      write: (payload) => encodeFrameInto(frame(payload), target, 0),
      bytesOf: (end) => target.slice(0, end),
    },
  ]
}

const cases = [
  {
    title: "A server's binary frames",
    contenders: [...encoders((payload) => ({ opcode: 2, payload })), sendBinary(server), ...senders({ opcode: 2 })],
  },
  {
    title: "A server's texts",
    text: true,
    contenders: [...encoders((payload) => ({ opcode: 1, payload })), sendText(server), ...senders({ opcode: 1 })],
  },
  {
    title: "A client's binary frames, the key given",
    contenders: [
      ...encoders((payload) => ({ opcode: 2, payload, maskKey: key })),
      sendBinary(client),
      ...senders({ opcode: 2, mask: true, generateMask: fixed }),
    ],
  },
  {
    title: "A client's texts, the key given",
    text: true,
    contenders: [
      ...encoders((payload) => ({ opcode: 1, payload, maskKey: key })),
      sendText(client),
      ...senders({ opcode: 1, mask: true, generateMask: fixed }),
    ],
  },
  {
    title: "A client's binary frames, random keys",
    masks: 'random',
    contenders: [
      ...encoders((payload) => ({ opcode: 2, payload, maskKey: 'random' })),
      sendBinary(random),
      ...senders({ opcode: 2, mask: true }),
    ],
  },
]

export async function benchEncode() {
  for (const each of cases) await bench(each)
}

async function bench({ title, text = false, masks = 'given', contenders }) {
  const rows = [['payload', ...contenders.map(({ name }) => name), ...ratioTitles(contenders)]]
  for (const size of [20, 125, 1024]) {
    const payload = text ? makeText(size, 'ascii').toString() : makeText(size, 'multi-byte')
    prove(contenders, payload, masks)
    const times = timesToFill(contenders, ({ write }) => write(payload))
    const run = ({ write }) => time(() => repeat(times, () => write(payload)))
    const medians = await measure(`${title}, ${sizeLabel(size)}`, contenders, run, { per: times })
    const cells = medians.map((each) => number(each / times))
    rows.push([sizeLabel(size), ...cells, ...ratios(contenders, medians)])
  }
  printTable(`${title}: ns a frame, and how many times as fast`, rows)
}

function prove(contenders, payload, masks) {
  const [expected, ...others] = contenders.map(({ write, bytesOf = (bytes) => bytes }) => {
    const bytes = bytesOf(write(payload))
    return masks === 'random' ? read(bytes) : hex(bytes)
  })
  for (const other of others) deepStrictEqual(other, expected)
}

const hex = (bytes) => Buffer.from(bytes).toString('hex')

function read(bytes) {
  const decoder = new FrameDecoder({ role: 'server' })
  decoder.push(bytes)
  const found = []
  while (decoder.next()) found.push([decoder.opcode, decoder.fin, decoder.rsv, hex(decoder.payload())])
  return found
}
