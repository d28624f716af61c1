/**
 * Compares sending as programs do it: `peer.send` of the adapter and `send` of ws, each on 100 connections over streams of Node's that
 * take everything at once. One message a connection and turn of the event loop, so that neither side can join several. First checks that
 * both put the same messages on the wire; where masks are random, a decoder reads them.
 */

import { deepStrictEqual } from 'node:assert'
import { Duplex } from 'node:stream'
import { acceptSocket, connectSocket, Endpoint } from '../dist/adapters/node/index.js'
import { acceptHandshake, FrameDecoder, formatRequestHead, formatResponse, offerHandshake } from '../dist/index.js'
import { SocketAlone, SocketWithAddon } from './contenders.mjs'
import { makeText } from './input.mjs'
import { measure, number, printTable, quick, ratios, ratioTitles, sizeLabel } from './rounds.mjs'

const CONNECTIONS = 100
const TURNS = quick ? 100 : 400

/** Takes everything, like a socket whose peer reads: write callbacks are called after the running code. */
class Sink extends Duplex {
  /** What was written; kept only for the proof. */
  written = undefined

  _read() {}

  /** Sockets have it. */
  setNoDelay() {}

  _write(chunk, _, callback) {
    this.written?.push(Buffer.from(chunk))
    callback()
  }

  _writev(chunks, callback) {
    for (const { chunk } of chunks) this.written?.push(Buffer.from(chunk))
    callback()
  }
}

const { request } = offerHandshake('ws://server.example.com/')

/** Past the handshake of a server, or of a client. */
async function openPeer(endpoint, role) {
  const sink = new Sink()
  if (role === 'client') {
    const offer = offerHandshake('ws://server.example.com/')
    const opened = connectSocket(endpoint, sink, offer)
    sink.push(formatResponse(acceptHandshake(offer.request).response))
    const peer = await opened
    return { sink, send: (message) => peer.send(message) }
  }
  acceptSocket(endpoint, sink)
  sink.push(formatRequestHead(request))
  const before = endpoint.peers.size
  while (endpoint.peers.size === before) await turn()
  const peer = [...endpoint.peers].at(-1)
  return { sink, send: (message) => peer.send(message) }
}

/** As its server and its client make it, past the handshake. */
function openSocket(WebSocket, role) {
  const sink = new Sink()
  const socket = new WebSocket(null, undefined, {})
  socket._isServer = role === 'server'
  socket.setSocket(sink, Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 0, skipUTF8Validation: false })
  return { sink, send: (message) => socket.send(message) }
}

async function contenders(role) {
  // As `ws`, which relies on its caller not to change the bytes.
  const endpoint = new Endpoint({ ownsMessages: true })
  const peers = []
  while (peers.length < CONNECTIONS) peers.push(await openPeer(endpoint, role))
  const open = (WebSocket) => Array.from({ length: CONNECTIONS }, () => openSocket(WebSocket, role))
  return [
    { name: 'adapter', ours: true, ends: peers },
    { name: 'ws + addon', ours: false, ends: open(SocketWithAddon) },
    { name: 'ws alone', ours: false, ends: open(SocketAlone) },
  ]
}

export async function benchSend() {
  for (const role of ['server', 'client']) {
    const all = await contenders(role)
    await turn()
    const rows = [['message', ...all.map(({ name }) => name), ...ratioTitles(all)]]
    for (const kind of ['binary', 'text', 'multi-byte text'])
      for (const size of [20, 125, 1024, 65_536]) {
        const bytes = makeText(size, kind === 'multi-byte text' ? 'multi-byte' : 'ascii')
        const message = kind === 'binary' ? bytes : bytes.toString()
        await prove(all, role, message)
        const turns = Math.ceil(TURNS / Math.max(1, size / 1024))
        const row = `Sent by a ${role}, ${kind}, ${sizeLabel(size)}`
        const run = (each) => sendAll(each, message, turns)
        const medians = await measure(row, all, run, { per: turns * CONNECTIONS })
        const cells = medians.map((each) => number(each / turns / CONNECTIONS))
        rows.push([`${sizeLabel(size)}, ${kind}`, ...cells, ...ratios(all, medians)])
      }
    printTable(`Messages of a ${role}, as the adapter sends them: ns a message, and how many times as fast`, rows)
  }
}

const turn = () => new Promise(setImmediate)

async function sendAll({ ends }, message, turns) {
  const start = process.hrtime.bigint()
  for (let left = turns; left > 0; left--) {
    for (const { send } of ends) send(message)
    await turn()
  }
  return Number(process.hrtime.bigint() - start)
}

async function prove(all, role, message) {
  const found = []
  for (const { ends } of all) {
    for (const { sink, send } of ends) {
      sink.written = []
      send(message)
    }
    await turn()
    found.push(ends.map(({ sink }) => read(Buffer.concat(sink.written), role === 'server' ? 'client' : 'server')))
    for (const { sink } of ends) sink.written = undefined
  }
  for (const other of found) deepStrictEqual(other, found[0])
}

/** A frame without its key. */
function read(bytes, role) {
  const decoder = new FrameDecoder({ role })
  decoder.push(bytes)
  const found = []
  while (decoder.next())
    found.push([decoder.opcode, decoder.fin, decoder.rsv, bytes.length, decoder.payload().toString()])
  return found
}
