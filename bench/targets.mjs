/**
 * The targets: each names two sides of a measured row, and how many times as fast the first one is to be. A new one is one line.
 */

import { quotient } from './results.mjs'

const loading =
  'The engine parses 350 KB in 6 ms, and three modules of @noble/hashes take 3 ms. With them in the bundle it would be 9.3 ms, minified 8.6 ms.'

const sizesOf = (sizes, make) => sizes.map((size, index) => make(size, index))

/**
 * `row`, `ours`, `beside`: names in the results. `atLeast`: our side must be at least this many times as fast as `beside`. `atMost`: our
 * side may take at most this share of the time of `beside`, or this many units if there is no `beside`. `why`: what the profile shows,
 * printed while the target is missed.
 */
export const targets = [
  ...sizesOf(['20 B', '125 B', '1 KiB', '16 KiB'], (size) => ({
    work: `masked binary frames of ${size}, unmasked without an allocation`,
    row: `Beside the commit before, in place, ${size}`,
    ours: 'now',
    beside: 'before',
    told: 'views of the commit before',
    atMost: 0.55,
    why: 'Nearly all of the time is the XOR, which JavaScript does 8 bytes at a time. WebAssembly with SIMD loses its gain to its copies (`npm run bench -- wasm`).',
  })),
  {
    work: 'headers of binary frames of 20 B',
    row: 'Beside the commit before, walk, 20 B',
    ours: 'now',
    beside: 'before',
    told: 'the commit before',
    atMost: 0.75,
  },
  ...sizesOf(['16 KiB', '64 KiB', '1 MiB'], (size) =>
    views(size, 1, 'The addon does the XOR 16 bytes at a time, JavaScript 8.'),
  ),
  views('1 KiB', 2, 'Of 187 ns, the XOR takes 70, the view 45 and the header 26.'),
  texts('ASCII', '125 B', 2.5),
  texts('ASCII', '1 KiB', 2, 'The native decoder takes 112 ns here and in `ws`, and the XOR takes 70 ns.'),
  texts('multi-byte', '125 B', 1.5),
  texts('multi-byte', '1 KiB', 1.5, 'Most of the time is the native decoder, here and in `ws`.'),
  ...['ascii', 'multi-byte'].flatMap((kind) =>
    sizesOf(['64 B', '1 KiB', '64 KiB'], (size) => ({
      work: `UTF-8 validated, ${kind === 'ascii' ? 'ASCII' : kind}, ${size}`,
      row: `UTF-8 judged, ${kind}, ${size}`,
      ours: 'Utf8Validator, native',
      beside: 'fatal TextDecoder',
      atLeast: 1.2,
    })),
  ),
  ...sizesOf(['125 B', '1 KiB'], (size) =>
    sent(
      'server',
      'binary',
      size,
      2,
      "Of 195 ns for 125 B, Node's stream, a Buffer and the copy take 95. `ws` does not copy, and relies on the caller not to change the bytes.",
    ),
  ),
  ...sizesOf(['125 B', '1 KiB'], (size) =>
    sent('server', 'text', size, 1.5, "Half of the time is Node's stream and its UTF-8 encoder, here and in `ws`."),
  ),
  ...sizesOf(['125 B', '1 KiB'], (size) =>
    sent('client', 'binary', size, 1.2, 'The addon masks while it copies. JavaScript copies, then masks.'),
  ),
  ...sizesOf(['125 B', '1 KiB'], (size) => ({
    work: `a server's texts of ${size}, encoded into an array`,
    row: `A server's texts, ${size}`,
    ours: 'encodeFrameInto',
    beside: 'ws + addon',
    atLeast: 1.2,
  })),
  ...['Chromium, 669 bytes', 'minimal, 157 bytes'].flatMap((head) => [
    {
      work: `opening handshake from Node's request (${head})`,
      row: `Handshakes, from Node's request to the bytes of the 101, ${head}`,
      ours: 'shared, native',
      beside: 'ws',
      atLeast: 1.2,
    },
    {
      work: `opening handshake from bytes (${head})`,
      row: `Handshakes, from request bytes to the bytes of the 101, ${head}`,
      ours: 'shared, native',
      beside: 'websocket-driver',
      atLeast: 3,
      why: 'Of 4.5 µs for the longer head, parsing takes 1.7, the native hash 0.6 and a new array for the answer 0.3.',
    },
  ]),
  {
    work: 'heads of 669 bytes',
    row: 'Heads',
    ours: 'RequestHeadParser',
    beside: 'llhttp (Node, C)',
    atLeast: 0.9,
  },
  deflated('16 KiB', 1.4),
  deflated('1 MiB', 1.1, 'Of 16.2 ms, zlib itself takes 15.2, so 1.13 is the most that is possible.'),
  ...sizesOf(['20 B', '125 B'], (size) =>
    echoed(
      size,
      1,
      'bare TCP',
      0.95,
      'Each message costs one read, one call into JavaScript and one write, as with bare TCP.',
    ),
  ),
  ...sizesOf(['20 B', '125 B'], (size) =>
    echoed(
      size,
      50,
      'Bun',
      1,
      "Bare `node:net` reaches 0.95 of Bun's server at 20 B. Unmasking and strings take the next 10 %.",
    ),
  ),
  {
    work: 'a byte of one message of 100 MiB',
    row: 'A message in chunks of 64 KiB, by its size, Connection',
    ours: '100 MiB',
    beside: '10 MiB',
    atMost: 1.3,
    why: 'Page faults take a quarter of the time, because memory blocks of more than 32 MiB are never reused.',
  },
  { work: 'loading the root', row: 'Loading', ours: 'the root', unit: 'ms', atMost: 10, why: loading },
]

function views(size, atLeast, why) {
  const row = `Binary frames, ${size}`
  return { work: `views of ${size}`, row, ours: 'FrameDecoder', beside: 'ws + addon', atLeast, why }
}

function texts(kind, size, atLeast, why) {
  const row = `Texts, ${kind}, ${size}`
  return { work: `${kind} texts of ${size}`, row, ours: 'FrameDecoder, native', beside: 'ws + addon', atLeast, why }
}

function sent(role, kind, size, atLeast, why) {
  const what = kind === 'text' ? 'texts' : 'binary frames'
  const work = `a ${role}'s ${what} of ${size}, sent through the adapter`
  return { work, row: `Sent by a ${role}, ${kind}, ${size}`, ours: 'adapter', beside: 'ws + addon', atLeast, why }
}

function deflated(size, atLeast, why) {
  return {
    work: `deflate of ${size}`,
    row: `permessage-deflate, sending, ${size}`,
    ours: 'zlib',
    beside: 'ws',
    atLeast,
    why,
  }
}

function echoed(size, inFlight, beside, atLeast, why) {
  return {
    work: `echo of texts of ${size}, 100 connections, ${inFlight} in flight`,
    row: `Echo of texts, ${size}, ${inFlight} in flight`,
    ours: 'adapter',
    beside,
    atLeast,
    why,
  }
}

/** Each target with its figure, without one if this process has not measured it. */
export function judge() {
  return targets.map(({ work, row, ours, beside, told = beside, unit, atLeast, atMost }) => {
    const found = atMost === undefined ? quotient(row, beside, ours) : quotient(row, ours, beside)
    return { work, beside: told, unit, atLeast, atMost, ...(found && { ...found, ...verdict(found, atLeast, atMost) }) }
  })
}

/** `close`: the limit lies within the spread, so another run might decide otherwise. */
function verdict({ value, quartiles: [low, high] }, atLeast = -Infinity, atMost = Infinity) {
  const limit = Number.isFinite(atLeast) ? atLeast : atMost
  return { reached: value >= atLeast && value <= atMost, close: low <= limit && limit <= high }
}
