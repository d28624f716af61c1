import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { acceptSocket, Endpoint } from '../../src/adapters/node/index.ts'
import {
  afterFence,
  binary,
  closeFrame,
  closeWith,
  closing,
  continuation,
  messages,
  ping,
  pongs,
  send,
  text,
} from '../../src/cases/build.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { encodeFrame, type FrameInit } from '../../src/frame/encode.ts'
import { computeAccept } from '../../src/handshake/key.ts'
import { memoryPair } from '../../src/testing/memory-pair.ts'
import { acceptPeer } from '../../src/testing/open-peer.ts'
import type { TestPeer } from '../../src/testing/peer.ts'
import { runCase } from '../../src/testing/run.ts'
import { type Agent, caseOf, client, open, run, server, writes } from './agents.ts'
import { quickTimers } from './quick-timers.ts'

/** Echoes text, and answers a Close. */
async function echo(peer: TestPeer): Promise<void> {
  for (;;) {
    const frame = await peer.frame()
    if (frame.opcode === 8) return peer.send({ opcode: 8, payload: frame.payload })
    if (frame.opcode === 9) await peer.send({ opcode: 10, payload: frame.payload })
    if (frame.opcode < 3) await peer.send({ ...frame, maskKey: peer.role === 'client' ? 'random' : undefined })
  }
}

/** A whole server, which accepts frames right after the request. */
const endpoint: Agent = (end) => {
  acceptSocket(new Endpoint({ message: (peer, data) => void peer.send(data) }), end)
}

const hello = [open(), send(text('Hello')), messages(), ...closing()]
const helloBack = { messages: [{ text: 'Hello' }], close: 1000 } as const

describe('steps', () => {
  test('passes a server that does everything right', async () => {
    const result = await run(caseOf('server', hello, { ...helloBack, status: 101, end: 'fin' }), server(echo))
    expect(result).toMatchObject({ verdict: 'pass', reason: 'as it must', carrier: 'http/1.1' })
    expect(result.ending).toEqual({ how: 'closed', by: 'agent', code: 1000 })
    expect(result.expected).toEqual(['as it must'])
  })

  test('passes a client that does everything right, and ends the transport first', async () => {
    const one = caseOf('client', hello, { ...helloBack, line: '^GET / HTTP/1\\.1$', freshKey: true, end: 'none' })
    const result = await run(one, client(echo))
    expect(result).toMatchObject({ verdict: 'pass', ending: { how: 'closed', by: 'suite', code: 1000 } })
  })

  test('sends heads and frames byte by byte if the case or the options ask for it', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a case is data, which no code awaits.
    const steps = [open({ chunks: 'bytes', then: [{ frame: text('Hello') }] }), messages(), ...closing()]
    const one = caseOf('server', steps, helloBack)
    expect(await run(one, endpoint)).toMatchObject({ verdict: 'pass' })
    const other = caseOf('client', hello, helloBack)
    expect(await run(other, client(echo), { chunks: { seed: 3 } })).toMatchObject({ verdict: 'pass' })
  })

  test('changes a request: removes, replaces, repeats and appends fields, replaces the line, and puts bytes before it', async () => {
    let seen = ''
    const one = caseOf(
      'server',
      [
        open({
          line: 'GET {path}?x HTTP/1.1',
          before: '\r\n',
          fields: { Host: null, host: '{host}', Upgrade: ['a', 'websocket'], 'X-Key': '{key}' },
        }),
      ],
      { status: 'none' },
    )
    await run(
      one,
      (end) => {
        end.on('data', (chunk: Uint8Array) => {
          seen += Buffer.from(chunk).toString('latin1')
          end.end()
        })
        end.resume()
      },
      { host: 'example.com:81', path: '/chat' },
    )
    const key = /Sec-WebSocket-Key: (.{24})\r\n/.exec(seen)?.[1]
    expect(seen).toBe(
      [
        '',
        'GET /chat?x HTTP/1.1',
        'Upgrade: a',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Key: ${key}`,
        'Sec-WebSocket-Version: 13',
        'host: example.com:81',
        `X-Key: ${key}`,
        '',
        '',
      ].join('\r\n'),
    )
  })

  test('writes a raw head unchanged, each character as one byte', async () => {
    let seen = Buffer.alloc(0)
    const one = caseOf('server', [open({ raw: 'GET \xff {host}\n' })], { status: 'none' })
    await run(one, (end) => {
      end.on('data', (chunk: Uint8Array) => {
        seen = Buffer.concat([seen, chunk])
        end.end()
      })
      end.resume()
    })
    expect(seen.toString('latin1')).toBe('GET \xff localhost\n')
  })

  test('draws the same key for a case from the same seed, and another key from another seed', async () => {
    const keys: string[] = []
    for (const seed of [1, 1, 2]) {
      const agent = server(
        (peer) => void keys.push(peer.request?.headers.find(([name]) => name.endsWith('Key'))?.[1] ?? ''),
      )
      await run(caseOf('server', [open()], { status: 101 }), agent, { seed })
    }
    expect(keys[0]).toBe(keys[1])
    expect(keys[0]).not.toBe(keys[2])
  })

  test('fills key, accept and the first subprotocol of the request into a response', async () => {
    const fields: string[] = []
    const steps = [open({ fields: { 'X-Key': '{key} {path} {host}' } }), { do: 'await', for: 'end' }] as const
    await run(caseOf('client', steps, { freshKey: true }), (end) => {
      end.on('data', (chunk: Uint8Array) => {
        fields.push(...Buffer.from(chunk).toString().split('\r\n'))
        end.end()
      })
      end.write(
        Buffer.from(
          'GET /a HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat, talk\r\n\r\n',
        ),
      )
      end.resume()
    })
    expect(fields).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      'Sec-WebSocket-Protocol: chat',
      'X-Key: dGhlIHNhbXBsZSBub25jZQ== /a b',
      '',
      '',
    ])
  })

  test('sends frames without waiting for the response', async () => {
    const steps = [open({ wait: false }), send(text('Hello')), messages(), ...closing()]
    expect(await run(caseOf('server', steps, helloBack), endpoint)).toMatchObject({ verdict: 'pass' })
  })

  test('ends and resets the transport as the steps ask', async () => {
    for (const kind of ['end', 'reset'] as const) {
      let seen: string | undefined
      const one = caseOf('server', [open(), { do: kind }, { do: 'await', for: 'end' }], {
        end: kind === 'end' ? 'fin' : 'none',
      })
      const agent = server(async (peer) => {
        seen = await peer.ended()
        peer.end()
      })
      const result = await run(one, agent)
      expect(result).toMatchObject({ verdict: 'pass', ending: { by: 'suite' } })
      expect(seen).toBe(kind === 'end' ? 'fin' : 'reset')
    }
  })

  test('waits for a pong with a payload past all other pongs', async () => {
    const steps = [open(), send(ping('fence')), afterFence()].flat()
    const one = caseOf('server', steps, { pongs: ['fence'], close: 1000 })
    const answers = ['', 'x', 'fence'] as const
    const result = await run(
      one,
      server(async (peer) => {
        await peer.frame()
        for (const payload of answers) await peer.send({ opcode: 10, payload })
        expect((await peer.frame()).opcode).toBe(8)
        await peer.send({ opcode: 8, payload: Uint8Array.of(3, 232) })
      }),
    )
    expect(result).toMatchObject({ verdict: 'pass' })
    const without = caseOf('server', steps, { close: 1000 })
    const late = await run(
      without,
      server(async (peer) => {
        for (const payload of ['', 'fenc', 'fences']) await peer.send({ opcode: 10, payload })
        await peer.frame()
      }),
    )
    expect(late.reason).toContain('within')
  })

  test('checks the conditions at a label', async () => {
    const steps = [
      open(),
      send(text('a', { fin: false })),
      closeFrame(true),
      { ...send(continuation('b')), label: 'the rest' },
      closeFrame(),
    ]
    const when = { close: 1002, before: 'the rest' } as const
    const early = server(async (peer) => {
      await peer.frame()
      await peer.close(1002)
    })
    const late = server(async (peer) => {
      await peer.frame()
      await peer.frame()
      await peer.close(1002)
    })
    expect(await run(caseOf('server', steps, when), early)).toMatchObject({ verdict: 'pass' })
    expect(await run(caseOf('server', steps, when), late)).toMatchObject({
      verdict: 'fail',
      reason:
        'Expected all that before the suite\'s step "the rest" (RFC 6455 §5.1); it sent a Close with 1002 and ended the connection.',
    })
  })
})

describe('answers of the suite', () => {
  test('answer pings, and a Close with its code', async () => {
    const seen: unknown[] = []
    const one = caseOf('server', [open(), closeFrame()], { close: 1001, reason: 'bye' })
    const agent = server(async (peer) => {
      await peer.send({ opcode: 9, payload: 'a' })
      seen.push(Buffer.from(await peer.pong()).toString(), await peer.close(1001, 'bye'))
    })
    expect(await run(one, agent)).toMatchObject({ verdict: 'pass', ending: { code: 1001, reason: 'bye' } })
    expect(seen).toEqual(['a', { code: 1001, reason: '' }])
  })

  test('send no frame of the case after the answer to a Close', async () => {
    const one = caseOf('server', [open(), send(text('Hello')), closeFrame(), ...closing()], { close: 1002 })
    const opcodes: number[] = []
    const result = await run(
      one,
      server(async (peer) => {
        opcodes.push((await peer.frame()).opcode)
        await peer.send({ opcode: 8, payload: Uint8Array.of(3, 234) })
        opcodes.push((await peer.frame()).opcode)
        await peer.end()
        opcodes.push((await peer.frame()).opcode)
      }),
    )
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(opcodes).toEqual([1, 8])
  })

  test('are not sent in a passive case', async () => {
    const frames: number[] = []
    const one = caseOf('client', [open(), closeFrame()], { close: 'empty' }, { passive: true })
    const agent = client(async (peer) => {
      await peer.send({ opcode: 9 }, { opcode: 8 })
      frames.push((await peer.frame()).opcode)
    })
    expect(await run(one, agent)).toMatchObject({ verdict: 'pass' })
    expect(frames).toEqual([])
  })

  test('hold a pong until the end of a frame that the case sends in two steps', async () => {
    const seen: string[] = []
    const bytes = encodeFrame({ opcode: 1, payload: 'Hello', maskKey: Uint8Array.of(1, 2, 3, 4) })
    const hex = (part: Uint8Array) =>
      ({ do: 'send', pieces: [{ bytes: { hex: Buffer.from(part).toString('hex') } }] }) as const
    const steps = [
      open(),
      hex(bytes.subarray(0, 8)),
      { do: 'await', for: 'ping' },
      hex(bytes.subarray(8)),
      messages(),
      ...closing(),
    ] as const
    const agent = server(async (peer) => {
      // Two heads, then the first half.
      while (peer.transcript.length < 3) await new Promise((resolve) => setImmediate(resolve))
      await peer.send({ opcode: 9, payload: 'x' })
      for (let i = 0; i < 2; i++) seen.push(Buffer.from((await peer.frame()).payload).toString())
      await peer.send({ opcode: 1, payload: 'Hello' })
      await peer.closed()
      await peer.send({ opcode: 8, payload: Uint8Array.of(3, 232) })
    })
    expect(await run(caseOf('server', steps, helloBack), agent)).toMatchObject({ verdict: 'pass' })
    expect(seen).toEqual(['Hello', 'x'])
  })
})

describe('rules that always apply', () => {
  const anything = caseOf('server', [open(), messages(), closeFrame()], {})
  const sends = (...frames: readonly FrameInit[]) => server((peer) => peer.send(...frames))

  test.each<[string, readonly FrameInit[], string]>([
    [
      'a masked frame',
      [{ opcode: 1, payload: 'x', maskKey: 'random' }],
      'It broke RFC 6455 §5.1: masked frame from a server, at byte 0.',
    ],
    ['a reserved opcode', [{ opcode: 9 }, { opcode: 3 }], 'It broke RFC 6455 §5.2: opcode 3 is reserved, at byte 2.'],
    [
      'reserved bits',
      [{ opcode: 1, rsv: 4 }],
      'It broke RFC 6455 §5.2: RSV1 set on opcode 1 but not negotiated, at byte 0.',
    ],
    [
      'text that is not UTF-8',
      [{ opcode: 1, payload: Uint8Array.of(0x61, 0xff) }],
      'It broke RFC 6455 §8.1: text that is not UTF-8: byte 1 is invalid, at byte 1.',
    ],
    [
      'a Close of one byte',
      [{ opcode: 8, payload: Uint8Array.of(3) }],
      'It broke RFC 6455 §5.5.1: Close payload of 1 byte, at byte 0.',
    ],
    [
      'a code that no frame may carry',
      [{ opcode: 8, payload: Uint8Array.of(3, 0xed) }],
      'It broke RFC 6455 §7.4: invalid close code 1005, at byte 0.',
    ],
    [
      'a data frame after its Close',
      [{ opcode: 8 }, { opcode: 1 }],
      'It broke RFC 6455 §5.5.1: a data frame after its Close frame.',
    ],
  ])('%s', async (_, frames, reason) => {
    for (const [level, verdict] of [
      ['must', 'fail'],
      ['should', 'warn'],
      ['policy', 'info'],
    ] as const)
      expect(await run({ ...anything, level }, sends(...frames))).toMatchObject({ verdict, reason })
  })

  test('an unmasked frame of a client', async () => {
    const one = caseOf('client', [open(), messages()], {})
    const agent = client((peer) => peer.send({ opcode: 2, maskKey: undefined }))
    expect(await run(one, agent)).toMatchObject({
      verdict: 'fail',
      reason: 'It broke RFC 6455 §5.1: unmasked frame from a client, at byte 0.',
    })
  })

  test('give a warning for a control frame or other bytes after its Close if the case passes otherwise', async () => {
    const one = caseOf('server', [open(), closeFrame()], { close: 'empty' })
    expect(await run(one, sends({ opcode: 8 }, { opcode: 10 }))).toMatchObject({
      verdict: 'warn',
      reason: 'It sent a control frame after its Close frame.',
    })
    const bytes = server((peer) => peer.sendBytes(Uint8Array.of(0x88, 0, 0xff, 0xff)))
    expect(await run(one, bytes)).toMatchObject({
      verdict: 'warn',
      reason: 'It sent bytes that are not a frame after its Close frame.',
    })
  })

  test('fail a 101 with a wrong accept, even if an outcome expects a 101', async () => {
    const one = caseOf('server', [open()], { status: 101 })
    const agent = writes(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
    )
    const { verdict, reason } = await run(one, agent)
    expect(verdict).toBe('fail')
    expect(reason).toMatch(/^Its handshake breaks RFC 6455 §4\.1: Sec-WebSocket-Accept is "x", expected .{28}\.$/)
  })

  test('fail a faulty request, and bytes between request and response', async () => {
    const one = caseOf('client', [open()], { line: '^GET' })
    const head =
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
    expect(await run(one, writes(`${head}\r\n`))).toMatchObject({
      verdict: 'fail',
      reason: 'Its handshake breaks RFC 6455 §4.2.1: expected one Sec-WebSocket-Key, found 0.',
    })
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    expect(await run(one, writes(`${head}${key}early`))).toMatchObject({
      verdict: 'fail',
      reason: 'It broke RFC 6455 §4.1: it sent 5 bytes after its request, before the response.',
    })
  })
})

describe('agents that send nothing, nonsense or too much', () => {
  const one = caseOf('server', hello, helloBack)
  const other = caseOf('client', hello, helloBack)

  test('silence costs one time-out', async () => {
    const silent = (end: ReturnType<typeof memoryPair>[0]) => void end.resume()
    expect(await run(one, silent)).toMatchObject({
      verdict: 'fail',
      reason: 'It sent no response to a valid request within 2000 ms.',
      ending: { how: 'refused', by: 'suite' },
      duration: 2000,
    })
    expect(await run(other, silent, { timeout: 300 })).toMatchObject({
      verdict: 'fail',
      reason: 'It sent no opening request within 300 ms.',
      duration: 300,
    })
    expect(
      await run(
        one,
        server(() => {}),
      ),
    ).toMatchObject({
      verdict: 'fail',
      reason:
        'Expected the text "Hello" and a Close with 1000 (RFC 6455 §5.1); it answered 101 and sent nothing more within 2000 ms.',
      ending: { how: 'open', by: 'suite' },
    })
  })

  test('an agent that reads nothing', async () => {
    const steps = [open(), send(binary({ hex: '00', repeat: 2_000_000 })), messages(), ...closing()]
    const agent = server(() => new Promise(() => {}))
    const [near, far] = memoryPair({ fromClient: { capacity: 1000 } })
    void agent(far)
    const result = runCase(caseOf('server', steps, { close: 1000 }), near, { timers: quickTimers() })
    setTimeout(() => far.pause(), 50)
    expect((await result).verdict).toBe('fail')
    far.destroy()
  })

  test('nonsense instead of a head', async () => {
    expect(await run(one, writes('SSH-2.0-OpenSSH\r\n'))).toMatchObject({
      verdict: 'fail',
      reason: 'It sent a head that breaks RFC 9112 §4: unreadable head: a CR in the HTTP version at byte 15.',
      ending: { how: 'refused', by: 'suite' },
    })
    expect(await run(other, writes('\0\0\0'))).toMatchObject({ verdict: 'fail' })
  })

  test('a head without an end', async () => {
    const agent = writes(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`)
    expect(await run(one, agent)).toMatchObject({ verdict: 'fail', reason: 'It sent a head of more than 64 KiB.' })
  })

  test('more than 64 MiB', async () => {
    const frame = encodeFrame({ opcode: 0, fin: false, payload: new Uint8Array(1_000_000) })
    const agent = server(async (peer) => {
      await peer.send({ opcode: 2, fin: false })
      for (let i = 0; i < 80; i++) await peer.sendBytes(frame)
    })
    expect(await run(one, agent)).toMatchObject({ verdict: 'fail', reason: 'It sent more than 64 MiB.' })
  })

  test('an unfinished frame is described in the reason and in the transcript', async () => {
    const unfinished = (bytes: string) => server((peer) => peer.sendBytes(new TextEncoder().encode(bytes)))
    const result = await run(one, unfinished('\x01\x02no\x00~**text'))
    const rest = 'its header announces 10794 bytes, 4 arrived'
    expect(result.reason).toContain(`it sent the beginning of a frame (${rest}) within 2000 ms.`)
    const [last] = result.transcript.filter(({ type, from }) => from === 'agent' && type === 'bytes').slice(-1)
    expect(last?.notes.slice(-2)).toEqual(['text, 2 bytes: "no"', `the beginning of a frame: ${rest}`])
    const ends = server(async (peer) => {
      await peer.sendBytes(Uint8Array.of(0x81, 127, 0))
      peer.end()
    })
    const torn = await run(one, ends)
    expect(torn.reason).toContain(
      'it sent the beginning of a frame (3 bytes, not a whole header) and ended the connection.',
    )
    expect(
      torn.transcript
        .filter(({ from }) => from === 'agent')
        .map(({ type, notes }) => [type, notes.at(-1)])
        .slice(-2),
    ).toEqual([
      ['bytes', 'the beginning of a frame: 3 bytes, not a whole header'],
      ['end', undefined],
    ])
  })

  test("a frame that exceeds the suite's limit breaks no rule of an RFC", async () => {
    const agent = server((peer) => peer.sendBytes(Uint8Array.of(0x81, 127, ...Array(8).fill(0x2a))))
    expect(await run(one, agent)).toMatchObject({
      verdict: 'fail',
      reason:
        'It exceeds the 64 MiB that the suite accepts: frame of at least 3026418949592973300 bytes, by a length in 8 bytes, at byte 0.',
    })
  })

  describe('messages of more than 64 MiB in all', () => {
    const fields = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
    const one = caseOf('server', [open({ fields }), messages(9), ...closing()], {}, { needs: ['deflate'] })
    const size = 33 * 2 ** 20
    const plain = encodeFrame({ opcode: 2, payload: new Uint8Array(size) })
    const deflated = deflateRawSync(new Uint8Array(size), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
    const bomb = encodeFrame({ opcode: 2, rsv: 4, payload: deflated })
    test.each([
      ['all of them inflated', [bomb, bomb, bomb], 'compressed message inflates to too much'],
      ['the last one inflated', [plain, bomb], 'compressed message inflates to too much'],
      ['the first one inflated', [bomb, plain], `message of ${size} bytes`],
    ])('%s', async (_, frames, what) => {
      const agent: Agent = async (end) => {
        const peer = await acceptPeer(end, { fields })
        for (const frame of frames) await peer.sendBytes(frame)
      }
      expect(await run(one, agent, { codec: zlib })).toMatchObject({
        verdict: 'fail',
        reason: `It exceeds the 64 MiB that the suite accepts: ${what} (bytes of messages before: ${size}).`,
      })
    })
  })

  test('more frames than any case needs', async () => {
    const frames = new Uint8Array(600_000).map((_, index) => (index % 2 === 0 ? 0x89 : 0))
    const agent = server((peer) => peer.sendBytes(frames))
    const result = await run(one, agent)
    expect(result).toMatchObject({ verdict: 'fail', reason: 'It sent more than 262144 frames.' })
    expect(JSON.stringify(result.transcript).length).toBeLessThan(20_000)
  })

  test('resets and ends at any moment', async () => {
    expect(await run(one, (end) => end.resetAndDestroy())).toMatchObject({
      verdict: 'fail',
      reason: 'It sent no response to a valid request, and reset the connection.',
      ending: { how: 'refused', by: 'agent' },
    })
    expect(await run(one, (end) => void end.end())).toMatchObject({
      reason: 'It sent no response to a valid request, and ended the connection.',
    })
    expect(
      await run(
        one,
        server((peer) => peer.reset()),
      ),
    ).toMatchObject({
      verdict: 'fail',
      ending: { how: 'reset', by: 'agent' },
    })
    expect(
      await run(
        other,
        client((peer) => peer.end()),
      ),
    ).toMatchObject({
      verdict: 'fail',
      ending: { how: 'dropped', by: 'agent' },
    })
  })

  test('a transport that has already ended, and one that throws', async () => {
    const [near] = memoryPair()
    near.destroy()
    expect(await runCase(one, near, { timers: quickTimers() })).toMatchObject({ verdict: 'fail' })
    const [bad, far] = memoryPair()
    bad.write = () => {
      throw new Error('no')
    }
    expect(await runCase(one, bad, { timers: quickTimers() })).toMatchObject({ verdict: 'fail' })
    far.destroy()
  })

  test('stops when the signal aborts', async () => {
    const aborter = new AbortController()
    const result = run(one, () => aborter.abort(), { signal: aborter.signal })
    expect(await result).toMatchObject({ verdict: 'error', reason: 'The run was stopped.' })
  })
})

describe('the time of a case', () => {
  const twenty = Array.from({ length: 20 }, (_, i) => [send(text(`${i}`)), messages(i + 1)]).flat()
  const allBack = { messages: Array.from({ length: 20 }, (_, i) => ({ text: `${i}` })), close: 1000 } as const

  test.each(['server', 'client'] as const)('gives each wait its own time-out for a distant %s', async (side) => {
    const one = caseOf(side, [open(), ...twenty, ...closing()], allBack)
    const agent = side === 'server' ? server(echo) : client(echo)
    const far = { fromClient: { delay: 200 }, fromServer: { delay: 200 } }
    expect(await run(one, agent, {}, far)).toMatchObject({ verdict: 'pass' })
  })

  test('restarts with each awaited item', async () => {
    const timers = quickTimers()
    const agent = server(async (peer) => {
      for (const payload of ['a', 'b', 'c']) {
        await new Promise<void>((resolve) => timers.set(resolve, 1500, true))
        await peer.send({ opcode: 1, payload })
      }
      await peer.closed()
      await peer.send({ opcode: 8, payload: Uint8Array.of(3, 232) })
    })
    const when = { messages: [{ text: 'a' }, { text: 'b' }, { text: 'c' }], close: 1000 } as const
    expect(await run(caseOf('server', [open(), messages(3), ...closing()], when), agent, { timers })).toMatchObject({
      verdict: 'pass',
    })
  })

  test('is at most five time-outs, even if a little arrives now and then', async () => {
    const timers = quickTimers()
    let sent = 0
    const agent = server(async (peer) => {
      for (; sent < 100; sent++) {
        await new Promise<void>((resolve) => timers.set(resolve, 1900, true))
        await peer.send({ opcode: 10 })
      }
    })
    const one = caseOf('server', [open(), pongs(100), ...closing()], { close: 1000 })
    const { verdict, reason, duration } = await run(one, agent, { timers })
    expect([verdict, duration]).toEqual(['fail', 10_000])
    expect(reason).toMatch(/ within 10000 ms\.$/)
  })

  test('does not restart for input that is not awaited', async () => {
    const timers = quickTimers()
    const agent = server(async (peer) => {
      for (let i = 0; i < 100; i++) {
        await new Promise<void>((resolve) => timers.set(resolve, 900, true))
        await peer.send({ opcode: 9 })
      }
    })
    const one = caseOf('server', [open(), messages(), ...closing()], helloBack)
    expect(await run(one, agent, { timers })).toMatchObject({ verdict: 'fail', duration: 2000 })
  })

  test('does not restart for single bytes', async () => {
    const slow = { fromServer: { slow: { size: 1, interval: 100 } } }
    expect(await run(caseOf('server', hello, helloBack), server(echo), {}, slow)).toMatchObject({
      verdict: 'fail',
      reason: 'It sent no response to a valid request within 2000 ms.',
      duration: 2000,
    })
  })

  test('leaves out the remaining steps after a time-out, but not after a brief wait', async () => {
    const briefly = { do: 'await', for: 'ping', briefly: true } as const
    const steps = [open(), briefly, send(text('a')), messages(), send(text('b')), messages(2), ...closing()]
    const result = await run(
      caseOf('server', steps, helloBack),
      server(() => {}),
    )
    expect(result).toMatchObject({ verdict: 'fail', duration: 2500 })
    expect(result.reason).toMatch(/ within 2000 ms\.$/)
    expect(result.transcript.flatMap(({ notes }) => notes).filter((note) => note.startsWith('text'))).toHaveLength(1)
  })

  test('does not count the time in which the suite writes', async () => {
    const timers = quickTimers()
    let busy = 0
    // Each turn takes 8 ms, as on a busy machine.
    const slowly = {
      ...timers,
      now: () => timers.now() + busy,
      soon(callback: () => void) {
        busy += 8
        timers.soon(callback)
      },
    }
    const data = { text: 'x', repeat: 3000 } as const
    const one = caseOf('server', [open(), send(text(data)), messages(), ...closing()], {
      messages: [{ text: data }],
      close: 1000,
    })
    const result = await run(one, server(echo), { chunks: 'bytes', timers: slowly }, { timers })
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result.duration).toBeGreaterThan(20_000)
  })

  test('is at most five time-outs for an agent that reads a little now and then', async () => {
    const slow = { fromClient: { capacity: 1, slow: { size: 1, interval: 90 } } }
    const frame = binary({ random: 1000, seed: 1 })
    // biome-ignore lint/suspicious/noThenProperty: a case is data, which no code awaits.
    const one = caseOf('server', [open({ chunks: 'bytes', then: [{ frame }] }), ...closing()], { close: 1000 })
    const { verdict, duration } = await run(one, server(echo), {}, slow)
    expect(verdict).toBe('fail')
    expect(duration).toBeLessThan(15_000)
  })
})

describe('refusals', () => {
  const one = caseOf('server', hello, helloBack)
  const refuse = writes('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')

  test('of a valid request', async () => {
    expect(await run(one, refuse)).toMatchObject({
      verdict: 'fail',
      reason: 'It refused a valid request with 403.',
      ending: { how: 'refused', by: 'suite' },
    })
  })

  test('of what a case needs', async () => {
    const needy = { ...one, needs: ['subprotocol'] } as const
    expect(await run(needy, refuse, { subprotocol: 'chat' })).toMatchObject({ verdict: 'skip' })
  })

  test('that a case expects', async () => {
    expect(await run(caseOf('server', [open()], { status: ['4xx', 'none'] }), refuse)).toMatchObject({
      verdict: 'pass',
    })
    expect(await run(caseOf('server', [open()], { status: 426 }), refuse)).toMatchObject({
      verdict: 'fail',
      reason: 'Expected status 426 (RFC 6455 §5.1); it answered 403.',
    })
  })

  test('of the suite: a client gives up or tries again', async () => {
    const steps = [open({ line: 'HTTP/1.1 404 Not Found' }), { do: 'await', for: 'end' }] as const
    const when = { close: 'none', messages: [], end: 'any' } as const
    const head =
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    const again = async (end: ReturnType<typeof memoryPair>[0]) => {
      end.write(Buffer.from(head))
      await new Promise<void>((resolve) => {
        end.on('data', () => resolve())
        end.resume()
      })
      end.write(Buffer.from(head))
      end.end()
    }
    expect(await run(caseOf('client', steps, when), again)).toMatchObject({
      verdict: 'pass',
      ending: { how: 'refused', by: 'agent' },
    })
  })

  test('of the suite: a client continues as if the WebSocket was open', async () => {
    const steps = [open({ line: 'HTTP/1.1 404 Not Found' }), ...closing()]
    const one = caseOf('client', steps, { close: 'none' })
    const agent = async (end: ReturnType<typeof memoryPair>[0]) => {
      end.write(
        Buffer.from(
          'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
        ),
      )
      await new Promise<void>((resolve) => {
        end.on('data', () => resolve())
        end.resume()
      })
      end.write(encodeFrame({ opcode: 8, payload: Uint8Array.of(3, 232), maskKey: 'random' }))
    }
    expect(await run(one, agent)).toMatchObject({
      verdict: 'fail',
      reason: 'Expected no Close (RFC 6455 §5.1); it sent a Close with 1000.',
    })
  })
})

describe('what a case needs', () => {
  const skips = [
    ['echo', { echo: false }, 'The agent does not echo messages.'],
    ['deflate', {}, 'There is no codec for permessage-deflate.'],
    ['subprotocol', {}, 'No subprotocol of the server is known.'],
  ] as const
  test.each(skips)('%s', async (need, options, reason) => {
    const result = await run(caseOf('server', hello, {}, { needs: [need] }), () => {}, options)
    expect(result).toMatchObject({ verdict: 'skip', reason, duration: 0, transcript: [] })
  })

  test('another carrier', async () => {
    expect(await run(caseOf('server', hello, {}, { carriers: ['http/2'] }), () => {})).toMatchObject({
      verdict: 'skip',
      reason: 'The case is for http/2 only.',
    })
  })

  test('a server that does not agree, and one that agrees and compresses nothing or something', async () => {
    const fields = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
    const steps = [open({ fields }), send(text('Hello')), messages(), ...closing()]
    const one = caseOf('server', steps, helloBack, { needs: ['deflate'] })
    expect(await run(one, server(echo), { codec: zlib })).toMatchObject({
      verdict: 'skip',
      reason: 'The server does not agree on permessage-deflate.',
    })
    const agreeing = (payload: string, rsv: number) => async (end: ReturnType<typeof memoryPair>[0]) => {
      const key = await new Promise<string>((resolve) => {
        end.on('data', (chunk: Uint8Array) => resolve(/Key: (.*)\r/.exec(Buffer.from(chunk).toString())?.[1] ?? ''))
        end.resume()
      })
      end.write(
        Buffer.from(
          `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${computeAccept(key)}\r\n` +
            'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
        ),
      )
      end.write(encodeFrame({ opcode: 1, rsv, payload: Buffer.from(payload, 'hex') }))
      end.write(encodeFrame({ opcode: 8, payload: Uint8Array.of(3, 232) }))
    }
    expect(await run(one, agreeing('48656c6c6f', 0), { codec: zlib })).toMatchObject({ verdict: 'pass' })
    // "Hello" of RFC 7692 §7.2.3.1.
    const result = await run(one, agreeing('f248cdc9c90700', 4), { codec: zlib })
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result.transcript.flatMap(({ notes }) => notes)).toContain('inflated: text, fin, 5 bytes: "Hello"')
    expect(await run(one, agreeing('ffffff', 4), { codec: zlib })).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(
        /^It broke RFC 7692 §7\.2\.2: compressed message is invalid DEFLATE, at byte 0 \(.*\)\.$/,
      ),
    })
    const open2 = { ...one, needs: [] }
    expect(await run(open2, agreeing('f248cdc9c90700', 4))).toMatchObject({
      verdict: 'skip',
      reason: 'It sent a compressed message, and there is no codec.',
    })
  })

  test('a client that does not offer it', async () => {
    expect(await run(caseOf('client', hello, {}, { needs: ['deflate'] }), client(echo), { codec: zlib })).toMatchObject(
      {
        verdict: 'skip',
        reason: 'The client does not offer permessage-deflate.',
      },
    )
    expect(await run(caseOf('client', hello, {}, { needs: ['subprotocol'] }), client(echo))).toMatchObject({
      verdict: 'skip',
      reason: 'The client offers no subprotocol.',
    })
  })
})

test('describes heads and frames in both directions in the transcript', async () => {
  const steps = [open(), send(ping('x'), closeWith(1000)), pongs(), closeFrame()]
  const { transcript } = await run(caseOf('server', steps, { pongs: ['x'], close: 1000 }), server(echo))
  const [request, response, ...frames] = transcript
  expect(request).toMatchObject({ from: 'suite', type: 'bytes', at: 0 })
  expect(request?.notes[0]).toBe('GET / HTTP/1.1')
  expect(response?.notes[0]).toBe('HTTP/1.1 101 Switching Protocols')
  expect(frames.map(({ from, type, notes }) => [from, type, ...notes])).toEqual([
    [
      'suite',
      'bytes',
      'ping, fin, masked 37fa213d, 1 byte: 78',
      'close, fin, masked 37fa213d, 2 bytes: 1000 Normal Closure',
    ],
    ['agent', 'bytes', 'pong, fin, 1 byte: 78', 'close, fin, 2 bytes: 1000 Normal Closure'],
    ['agent', 'end'],
    ['suite', 'end'],
  ])
  expect(frames[0]?.hex).toBe('898137fa213d4f888237fa213d3412')
})

test('names wrong options', async () => {
  const [near] = memoryPair()
  const one = caseOf('server', hello, {})
  await expect(runCase(one, near, { timeouts: 1 } as object)).rejects.toThrow('did you mean `timeout`?')
  await expect(runCase(one, near, { timeout: 0 })).rejects.toThrow(RangeError)
})
