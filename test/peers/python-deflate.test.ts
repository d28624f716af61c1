/**
 * Compressed messages with Python's `websockets` and `wsproto`, as servers and as clients, over transports that split everything at
 * random: all come back unchanged. `SEED=… RUNS=…` repeats or extends a run.
 */

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import type { DeflateCodec, DeflateParams, DeflatePreferences } from '../../src/index.ts'
import { agreedOn, Echoing, long } from './echoing.ts'
import { type Message, mixed, seeded } from './mixed.ts'
import { findMissing, type Order, type Puppet, startPython } from './puppet.ts'
import { describePeer, patient } from './support.ts'

vi.setConfig(patient)

const MESSAGES = Number(process.env.RUNS ?? 100)

interface Way {
  readonly title: string
  readonly codec: DeflateCodec
  readonly preferences: DeflatePreferences
  readonly theirs: Extract<Order, { type: 'echo' }>['preferences']
  readonly agreed: DeflateParams
  /** Sent after the mixed messages. */
  readonly more: readonly Message[]
}

interface Library {
  readonly name: string
  readonly module: string
  readonly asServer: readonly Way[]
  readonly asClient: readonly Way[]
}

const codecs: readonly DeflateCodec[] = [zlib, pako]
const anew = { serverNoContextTakeover: true, clientNoContextTakeover: true }
const theirAnew = { server_no_context_takeover: true, client_no_context_takeover: true }

const plain = codecs.map((codec) => ({
  title: `${codec.name}, on from message to message`,
  codec,
  preferences: {},
  theirs: {},
  agreed: agreedOn({}),
  more: long,
}))

/** Their preferences; ours are none. */
function preferring(bits: Partial<DeflateParams>, theirs: Way['theirs']): Way[] {
  return codecs.flatMap((codec) => [
    { title: `${codec.name} in small windows`, codec, preferences: {}, theirs, agreed: agreedOn(bits), more: [] },
    {
      title: `${codec.name} in small windows, each message anew`,
      codec,
      preferences: {},
      theirs: { ...theirs, ...theirAnew },
      agreed: agreedOn({ ...bits, ...anew }),
      more: [],
    },
  ])
}

const nine = { serverMaxWindowBits: 9, clientMaxWindowBits: 9 }
const ourNine = { clientMaxWindowBits: 9 }
const theirNine = { server_max_window_bits: 9, client_max_window_bits: 9 }

const libraries: readonly Library[] = [
  {
    name: 'websockets',
    module: 'websockets.legacy.server',
    // zlib cannot compress with a window of 8, but respects one when it decompresses: this tests our compressor.
    asServer: [
      ...plain,
      ...preferring({ ...nine, clientMaxWindowBits: 8 }, { ...theirNine, client_max_window_bits: 8 }),
    ],
    asClient: [
      ...plain,
      ...preferring({ ...nine, serverMaxWindowBits: 8 }, { ...theirNine, server_max_window_bits: 8 }),
    ],
  },
  {
    name: 'wsproto',
    module: 'wsproto',
    // Its server only limits what the client asks it to, and accepts the last of several offers: ours asks for no limit.
    asServer: [...plain, ...preferring(ourNine, {}).map((way) => ({ ...way, preferences: ourNine }))],
    asClient: [...plain, ...preferring(nine, theirNine)],
  },
]

/** As in a head. */
function show(agreed: DeflateParams): string {
  const sides = ['server', 'client'] as const
  const flags = sides.filter((side) => agreed[`${side}NoContextTakeover`]).map((side) => `${side}_no_context_takeover`)
  const windows = sides.map((side) => `${side}_max_window_bits=${agreed[`${side}MaxWindowBits`]}`)
  return ['permessage-deflate', ...flags, ...windows].join('; ')
}

for (const { name, module, asServer, asClient } of libraries)
  describePeer(`${name}, compressed`, findMissing(module), () => {
    let python: Puppet
    beforeAll(() => {
      python = startPython(`${name}_echo.py`)
    })
    afterAll(() => python.stop())
    // Reports left over from a failed test must not reach the next one.
    afterEach(async ({ task }) => {
      if (task.result?.state !== 'fail') return
      const failed = python
      python = startPython(`${name}_echo.py`)
      await failed.stop()
    })

    async function expectOpen(agreed: DeflateParams): Promise<void> {
      const opened = { type: 'open', subprotocol: null, extensions: [show(agreed)] }
      expect(await python.reports.next('the peer to open')).toEqual(opened)
    }

    /** It compresses everything, and fragments some messages. */
    async function expectClose({ wire: { received } }: Echoing): Promise<void> {
      expect(await python.reports.next('their end')).toEqual({ type: 'close', code: 1000, reason: '' })
      expect(received.compressed).toBe(received.messages)
      expect(received.fragments).toBeGreaterThan(MESSAGES / 20)
    }

    test.each(asServer.map((way) => [way.title, way] as const))(
      `as a server it returns our client’s ${MESSAGES} messages: %s`,
      (_, { codec, preferences, theirs, agreed, more }) =>
        seeded(async (random, cut) => {
          python.order({ type: 'echo', url: undefined, preferences: theirs })
          const report = await python.reports.next('it to listen')
          const ours = new Echoing(codec, preferences, cut)
          const link = await ours.open(`ws://127.0.0.1:${'port' in report && report.port}/`)
          await expectOpen(agreed)
          await ours.exchange(link, agreed, [...mixed(MESSAGES, random), ...more])
          await expectClose(ours)
        }),
    )

    test.each(asClient.map((way) => [way.title, way] as const))(
      `as a client it returns our server’s ${MESSAGES} messages: %s`,
      (_, { codec, preferences, theirs, agreed, more }) =>
        seeded(async (random, cut) => {
          const ours = new Echoing(codec, preferences, cut)
          const server = await ours.serve()
          python.order({ type: 'echo', url: server.url, preferences: theirs })
          const link = await ours.accept()
          await expectOpen(agreed)
          await ours.exchange(link, agreed, [...mixed(MESSAGES, random), ...more])
          await expectClose(ours)
          await server.stop()
        }),
    )
  })
