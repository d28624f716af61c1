/**
 * Compares two checkouts of this package, row by row: both are loaded into one process and take turns, and the median of all rounds
 * counts. A row that is more than 5 % slower is marked. First checks that both do the same work.
 *
 *   npm run bench:compare -- ../before                  all rows; `../before` has been built
 *   npm run bench:compare -- ../before receive encode   rows whose names contain one of these words
 *   npm run bench:compare -- --ref v0.1.0 receive       a commit, a branch or a tag, which is built in a temporary folder
 *   RUNTIME='Node 20' npm run bench:compare -- ../before   in another runtime than the reference
 *   npm run bench:compare -- ../before --quick          fewer rounds, for a first look
 */

import { deepStrictEqual } from 'node:assert'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildCommit, here, load } from './checkouts.mjs'
import { copyChunks, cut, makeFrames, makeText } from './input.mjs'
import { chromiumHead, minimalHead, subprotocolHead } from './requests.mjs'
import { measure, measureInTurns, number, printTable, sizeLabel, time, timesToFill } from './rounds.mjs'

/** A row that is slower by more than this is marked, and makes the exit code 1. */
const TOLERANCE = 1.05
/** A marked row is measured again, because a brief load on the machine looks the same as slower code. */
const ATTEMPTS = 3

const none = new Uint8Array(0)
const limits = { maxFrameSize: 2 ** 27, maxMessageSize: 2 ** 27 }
const maskKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
const maskKeys = () => maskKey

/** Each row: `make(api)` returns the work that is timed. `feed` creates that work's input outside the timed part. */
const rows = [
  ...[20, 125, 1024].map((size) => decoding(`walk, ${sizeLabel(size)}`, 'binary', size, walk)),
  ...[20, 1024, 65_536].map((size) => decoding(`payload, ${sizeLabel(size)}`, 'binary', size, payloads)),
  ...[20, 125, 1024, 16_384].flatMap((size) => [
    decoding(`in place, ${sizeLabel(size)}`, 'binary', size, inPlace),
    decoding(`copied, ${sizeLabel(size)}`, 'binary', size, copied),
  ]),
  decoding('payload, 125 B, in chunks of 7', 'binary', 125, payloads, 7),
  decoding('payload, 1 MiB, in chunks of 1460', 'binary', 2 ** 20, payloads, 1460),
  ...[20, 1024].map((size) => decoding(`text, ${sizeLabel(size)}`, 'ascii', size, texts)),
  ...[20, 125, 1024, 65_536].map((size) => decoding(`receive, text, ${sizeLabel(size)}`, 'ascii', size, receive)),
  decoding('receive, multi-byte text, 1 KiB', 'multi-byte', 1024, receive),
  ...[20, 1024, 65_536].map((size) => decoding(`receive, binary, ${sizeLabel(size)}`, 'binary', size, receive)),
  decoding('receive, text, 20 B, in chunks of 7', 'ascii', 20, receive, 7),
  decoding('receive, text, 20 B, one a chunk', 'ascii', 20, receive, 26),
  ...[20, 1024, 65_536].flatMap((size) => [
    plain(`send text, server, ${sizeLabel(size)}`, (api) => send(api, { role: 'server' }, size)),
    plain(`send text, client, ${sizeLabel(size)}`, (api) => send(api, { role: 'client', maskKeys }, size)),
    plain(`encodeFrame, masked, ${sizeLabel(size)}`, (api) => encode(api, size, maskKey)),
    plain(`encodeFrame, bare, ${sizeLabel(size)}`, (api) => encode(api, size, undefined)),
  ]),
  ...[16, 1024, 65_536].map((size) => plain(`applyMask, ${sizeLabel(size)}`, (api) => mask(api, size))),
  plain('Utf8Validator, 64 KiB', validate),
  plain('construct, literal', (api) => () => new api.Connection({ role: 'server' }).state),
  plain('construct, literal with limits', (api) => () => new api.Connection({ role: 'server', limits }).state),
  plain('head, Chromium', (api) => () => new api.RequestHeadParser().push(chromiumHead).head.headers.length),
  plain('head, Chromium, in chunks of 100', tornHead),
  ...[
    ['minimal', minimalHead, {}],
    ['Chromium', chromiumHead, {}],
    ['subprotocol', subprotocolHead, { subprotocols: ['chat'] }],
    ['refused origin', chromiumHead, { origins: ['https://other.example'] }],
  ].map(([name, head, options]) => plain(`accept, ${name}`, (api) => accept(api, head, options))),
  plain('offer and verify', offerAndVerify),
  ...[64, 1024, 65_536].flatMap((size) => [
    plain(`deflate and inflate, ${sizeLabel(size)}`, (api) => deflated(api, size, {})),
    plain(`deflate and inflate, ${sizeLabel(size)}, no takeover`, (api) => deflated(api, size, noTakeover)),
  ]),
]

/** A row whose input is unmasked in place and cannot be reused: each round gets its own copy. */
function decoding(name, kind, size, make, chunkSize = 65_536) {
  const count = Math.max(2, Math.min(20_000, Math.round(2 ** 22 / size)))
  const chunks = cut(makeFrames(size, count, kind), chunkSize)
  return { name, make, count, input: () => copyChunks(chunks) }
}

/** A row without input, run as many times as fit in a round. */
function plain(name, make) {
  return { name, make, count: 0, input: () => undefined }
}

function walk(api) {
  return (chunks) => {
    const decoder = new api.FrameDecoder({ role: 'server', pieces: true, limits })
    let bytes = 0
    for (const chunk of chunks)
      for (decoder.push(chunk); decoder.next(); ) if (decoder.last) bytes += decoder.payloadLength
    return bytes
  }
}

function payloads(api, proof, options = {}) {
  return (chunks) => {
    const decoder = new api.FrameDecoder({ role: 'server', ownsChunks: true, limits, ...options })
    let bytes = 0
    for (const chunk of chunks)
      for (decoder.push(chunk); decoder.next(); ) {
        const payload = decoder.payload()
        bytes += payload.length
        proof?.update(payload)
      }
    return bytes
  }
}

/** Views, in a checkout without `unmask`. In pieces: a whole payload that comes in several chunks has to be allocated. */
function inPlace(api, proof) {
  if (!('unmask' in api.FrameDecoder.prototype)) return payloads(api, proof, { pieces: true })
  return (chunks) => {
    const decoder = new api.FrameDecoder({ role: 'server', ownsChunks: true, pieces: true, limits })
    let bytes = 0
    for (const chunk of chunks)
      for (decoder.push(chunk); decoder.next(); ) {
        decoder.unmask()
        bytes += decoder.end - decoder.start
        proof?.update(decoder.bytes.subarray(decoder.start, decoder.end))
      }
    return bytes
  }
}

const target = new Uint8Array(2 ** 17)

/** Views, in a checkout without `copyTo`. */
function copied(api, proof) {
  if (!('copyTo' in api.FrameDecoder.prototype)) return payloads(api, proof, { pieces: true })
  return (chunks) => {
    const decoder = new api.FrameDecoder({ role: 'server', pieces: true, limits })
    let bytes = 0
    for (const chunk of chunks)
      for (decoder.push(chunk); decoder.next(); ) {
        const end = decoder.copyTo(target, 7)
        bytes += end - 7
        proof?.update(target.subarray(7, end))
      }
    return bytes
  }
}

function texts(api, proof) {
  return (chunks) => {
    const decoder = new api.FrameDecoder({ role: 'server', ownsChunks: true, limits })
    let units = 0
    for (const chunk of chunks)
      for (decoder.push(chunk); decoder.next(); ) {
        const text = decoder.text()
        units += text.length
        proof?.update(text)
      }
    return units
  }
}

function receive(api, proof) {
  return (chunks) => {
    const connection = new api.Connection({ role: 'server', ownsChunks: true, limits })
    let units = 0
    for (const chunk of chunks)
      for (let next = chunk; ; next = none) {
        for (const event of connection.receive(next)) {
          units += event.data.length
          proof?.update(event.data)
        }
        if (!connection.hasPending) break
      }
    return units
  }
}

function send(api, options, size) {
  const connection = new api.Connection(options)
  const text = makeText(size, 'ascii').toString()
  return () => {
    connection.sendText(text)
    return connection.takeOutput()
  }
}

function encode(api, size, key) {
  const payload = makeText(size, 'ascii')
  return () => api.encodeFrame({ opcode: 2, payload, ...(key && { maskKey: key }) })
}

function mask(api, size) {
  const bytes = new Uint8Array(makeText(size, 'ascii'))
  return () => api.applyMask(bytes, maskKey)
}

function validate(api) {
  const bytes = makeText(65_536, 'multi-byte')
  return () => {
    const validator = new api.Utf8Validator()
    return validator.push(bytes) && validator.end()
  }
}

function tornHead(api) {
  const chunks = cut(chromiumHead, 100)
  return () => {
    const parser = new api.RequestHeadParser()
    let result
    for (const chunk of chunks) result = parser.push(chunk)
    return result.head.headers.length
  }
}

/** Returns the status line's start alone: the text of a refusal may differ. */
function accept(api, head, options) {
  const answer = () => api.formatResponse(api.acceptHandshake(new api.RequestHeadParser().push(head), options).response)
  return () => answer().subarray(0, 12)
}

function offerAndVerify(api) {
  return () => {
    const offer = api.offerHandshake('ws://server.example.com/chat')
    const accepted = api.acceptHandshake(offer.request)
    const verified = api.verifyHandshake(
      new api.ResponseHeadParser().push(api.formatResponse(accepted.response)),
      offer,
    )
    return verified.ok && api.formatRequestHead(offer.request).length
  }
}

const noTakeover = { serverNoContextTakeover: true, clientNoContextTakeover: true }

function deflated(api, size, options) {
  const extensions = [api.permessageDeflate({ codec: api.zlib, threshold: 0, ...options })]
  const offer = api.offerHandshake('ws://server.example.com/chat', { extensions })
  const accepted = api.acceptHandshake(offer.request, { extensions })
  const verified = api.verifyHandshake(new api.ResponseHeadParser().push(api.formatResponse(accepted.response)), offer)
  const client = new api.Connection({ role: 'client', agreement: verified, extensions, maskKeys })
  const server = new api.Connection({ role: 'server', agreement: accepted, extensions })
  const text = JSON.stringify(Array.from({ length: size >> 4 }, (_, id) => ({ id, name: `n${id % 7}` }))).slice(0, size)
  return () => {
    client.sendText(text)
    const [event] = server.receive(client.takeOutput())
    return event.data.length
  }
}

/** Without the same work on the same input there is nothing to compare. */
function prove({ name, make, input }, sides) {
  const proofs = sides.map(({ api }) => {
    const hash = createHash('sha256')
    const result = make(api, hash)(input())
    return { result, bytes: hash.digest('hex') }
  })
  deepStrictEqual(proofs[1], proofs[0], name)
}

/** `measured(contenders, run, per)` measures; the result is what it returns. */
function compare(row, sides, measured) {
  const contenders = sides.map(({ name, api }) => ({ name, work: row.make(api) }))
  const times = row.count > 0 ? 1 : timesToFill(contenders, ({ work }) => work())
  const run = ({ work }) => {
    const input = row.input()
    return time(() => repeatWork(work, times, input))
  }
  return measured(contenders, run, row.count || times)
}

function repeatWork(work, times, input) {
  let something = 0
  for (let left = times; left > 0; left--) if (work(input) !== undefined) something++
  return something
}

async function sidesOf(before) {
  return [
    { name: 'before', api: await load(before) },
    { name: 'now', api: await load(here) },
  ]
}

/** The last commit before the work on speed: what `npm run bench` tells the gain over. */
const BASE = 'b04dd51'
/** The rows that `npm run bench` measures beside it. */
const told = ['walk, 20 B', ...[20, 125, 1024, 16_384].map((size) => `in place, ${sizeLabel(size)}`)]

export async function benchBefore() {
  let checkout
  try {
    checkout = buildCommit(BASE)
  } catch (error) {
    return console.log(`Beside the commit ${BASE}: skipped, it cannot be built here (${error.message})\n`)
  }
  try {
    const sides = await sidesOf(checkout.folder)
    const table = [['', 'before, ns', 'now, ns', 'now : before']]
    for (const row of rows.filter(({ name }) => told.includes(name))) {
      prove(row, sides)
      let frames = 1
      const [old, now] = await compare(row, sides, (contenders, run, per) => {
        frames = per
        return measure(`Beside the commit before, ${row.name}`, contenders, run, { per })
      })
      table.push([row.name, number(old / frames), number(now / frames), `${(now / old).toFixed(2)} x`])
    }
    printTable(`Beside the commit ${BASE}, time a frame`, table)
  } finally {
    checkout.remove()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, ref: { type: 'string' } },
  })
  // `quick` is read by rounds.mjs.
  const built = values.ref === undefined ? undefined : buildCommit(values.ref)
  try {
    const [before, ...words] = built === undefined ? positionals : [built.folder, ...positionals]
    if (before === undefined)
      throw new Error('give the path of another checkout that has been built, or --ref and a commit')
    await compareAll(await sidesOf(before), words)
  } finally {
    built?.remove()
  }
}

async function compareAll(sides, words) {
  const chosen = rows.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  if (chosen.length === 0)
    throw new Error(`no row is called ${words}; there are ${rows.map(({ name }) => name).join('; ')}`)
  const table = [['', 'before, ns', 'now, ns', 'now : before', '']]
  const slower = []
  for (const row of chosen) {
    prove(row, sides)
    const { old, now } = await bestOf(row, sides)
    const ratio = now / old
    if (ratio > TOLERANCE) slower.push(row.name)
    table.push([row.name, number(old), number(now), `${ratio.toFixed(2)} x`, ratio > TOLERANCE ? 'slower' : ''])
  }
  printTable('Time of each row, before and now', table)
  console.log(
    slower.length === 0 ? 'No row is slower by more than 5 %.' : `Slower by more than 5 %: ${slower.join('; ')}`,
  )
  if (slower.length > 0) process.exitCode = 1
}

async function bestOf(row, sides) {
  let best
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [old, now] = await compare(row, sides, async (contenders, run, per) =>
      (await measureInTurns(contenders, run)).map((each) => each / per),
    )
    if (best === undefined || now / old < best.now / best.old) best = { old, now }
    if (best.now / best.old <= TOLERANCE) break
  }
  return best
}
