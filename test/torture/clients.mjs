/**
 * Clients that misbehave, each in its own way. A client performs its act and then does nothing, but never ends its side. The program must
 * release its sockets within the bound, counted from then, with a slack of 100 %.
 *
 * The bounds are those of the program (`bounds` in programs.mjs): `head` for a request, `refusal` for the end after a refusal, `open` for
 * silence on an open connection, `end` for the end after a Close, `soon` if nothing is left to wait for.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { bomb, closeFrame, frame, Opcode, times } from './frames.mjs'

const hello = frame(Opcode.Text, 'hello')
const fault = frame(Opcode.Text, 'hello', { rsv: 2 }) // RSV2, which nobody agreed on: 1002
const KB = 1024
const MB = 1024 * KB
const hellos = times(1000, hello)
const texts = times(16, frame(Opcode.Text, 'x'.repeat(4 * KB)))
/** 64 MiB: more than a message may have by default. */
const bombFrame = frame(Opcode.Binary, bomb(4), { rsv: 4 })

/**
 * @typedef {import('./visit.mjs').Visit} Visit
 * @type {readonly { title: string, bound: string, needs?: string, run: (visit: Visit) => Promise<unknown> }[]}
 */
export const clients = [
  {
    title: 'silent before the head',
    bound: 'head',
    run: (visit) => visit.connect(),
  },
  {
    title: 'silent in the head',
    bound: 'head',
    run: async (visit) => (await visit.connect()).write(visit.request().subarray(0, 60)),
  },
  {
    title: 'a head of one byte a second',
    bound: 'head',
    async run(visit) {
      const wire = await visit.connect()
      void wire.drip(visit.request({ fields: { 'X-Long': 'x'.repeat(2000) } }), visit.real(1000))
    },
  },
  {
    title: 'a head of 80 KB',
    bound: 'refusal',
    async run(visit) {
      const wire = await visit.connect()
      await wire.write(visit.request({ fields: { 'X-Long': 'x'.repeat(80 * KB) } })).expectStatus(400, 431)
    },
  },
  {
    title: 'half-closes before the head',
    bound: 'head',
    run: async (visit) => (await visit.connect()).end(),
  },
  {
    title: 'half-closes in the head',
    bound: 'head',
    run: async (visit) => (await visit.connect()).write(visit.request().subarray(0, 60)).end(),
  },
  {
    title: 'half-closes after the head',
    bound: 'end',
    run: async (visit) => (await visit.connect()).write(visit.request()).end(),
  },
  {
    title: 'resets before the head',
    bound: 'soon',
    run: async (visit) => (await visit.connect()).reset(),
  },
  {
    title: 'resets in the head',
    bound: 'soon',
    async run(visit) {
      const wire = (await visit.connect()).write(visit.request().subarray(0, 60))
      await visit.pause()
      wire.reset()
    },
  },
  {
    title: 'resets after the head',
    bound: 'soon',
    async run(visit) {
      for (const wait of [0, 1, 2, 5, 10]) {
        const wire = (await visit.connect()).write(visit.request())
        await visit.pause(wait)
        wire.reset()
      }
    },
  },
  {
    title: 'garbage for a head',
    bound: 'refusal',
    run: async (visit) => (await visit.connect()).write('\x16\x03\x01\x02\x00\x01\x00\r\n\r\n').expectStatus(400),
  },
  {
    title: 'never ends after a refusal (403)',
    bound: 'refusal',
    needs: 'origins',
    async run(visit) {
      const wire = await visit.connect()
      await wire.write(visit.request({ fields: { Origin: 'https://elsewhere.example' } })).expectStatus(403)
    },
  },
  {
    title: 'never ends after a refusal (426)',
    bound: 'refusal',
    async run(visit) {
      const wire = await visit.connect()
      await wire.write(visit.request({ version: '8' })).expectStatus(426)
    },
  },
  {
    title: 'frames after a refusal',
    bound: 'refusal',
    async run(visit) {
      const wire = await visit.connect()
      wire.write(visit.request({ version: '8' }), ...Array(100).fill(hello))
      await wire.expectStatus(426)
      void wire.pour(hellos, 64 * MB, visit.real(60_000))
    },
  },
  {
    title: 'resets after a refusal',
    bound: 'soon',
    async run(visit) {
      const wire = await visit.connect()
      await wire.write(visit.request({ version: '8' })).expectStatus(426)
      wire.reset()
    },
  },
  {
    title: 'plain GET',
    bound: 'refusal',
    async run(visit) {
      const wire = await visit.connect()
      await wire.write(visit.plainRequest()).expectStatus(visit.entry.plain)
    },
  },
  {
    title: 'Upgrade: h2c',
    bound: 'refusal',
    async run(visit) {
      const wire = await visit.connect()
      const fields = {
        Connection: 'Upgrade, HTTP2-Settings',
        Upgrade: 'h2c',
        'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
      }
      await wire.write(visit.plainRequest({ fields })).expectStatus(...visit.entry.h2c)
    },
  },
  {
    title: 'Upgrade: h2c with a body',
    bound: 'refusal',
    async run(visit) {
      const wire = await visit.connect()
      const fields = {
        Connection: 'Upgrade, HTTP2-Settings',
        Upgrade: 'h2c',
        'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
      }
      const body = 'x'.repeat(10_000)
      wire.write(visit.plainRequest({ method: 'POST', fields: { ...fields, 'Content-Length': body.length } }), body)
      await wire.expectStatus(400, ...visit.entry.h2c)
    },
  },
  {
    title: 'a WebSocket by POST with a body',
    bound: 'refusal',
    async run(visit) {
      const wire = await visit.connect()
      const body = 'x'.repeat(10_000)
      wire.write(visit.request({ method: 'POST', fields: { 'Content-Length': body.length } }), body)
      await wire.expectStatus(400, 405)
    },
  },
  {
    title: 'absolute form',
    bound: 'end',
    async run(visit) {
      const wire = await visit.connect()
      wire.write(visit.request({ target: `http://${visit.host}${visit.entry.path}` }))
      await wire.expectStatus(101)
      await wire.write(closeFrame(1000)).expectClose(1000)
    },
  },
  {
    title: 'all in one packet',
    bound: 'end',
    async run(visit) {
      const wire = await visit.connect()
      wire.write(visit.request(), ...Array(3).fill(hello), frame(Opcode.Ping, 'there?'), closeFrame(1000, 'bye'))
      await wire.expectStatus(101)
      if (visit.entry.echoes && !visit.entry.slow) for (let i = 0; i < 3; i++) await wire.expectMessage('hello')
      await wire.expectClose(1000)
    },
  },
  {
    title: 'all in one packet, and the end',
    bound: 'end',
    needs: 'prompt',
    async run(visit) {
      const wire = await visit.connect()
      wire.write(visit.request(), hello, closeFrame(1000)).end()
      await wire.expectStatus(101)
      await wire.expectClose(1000)
    },
  },
  {
    title: 'byte by byte',
    bound: 'end',
    async run(visit) {
      const wire = await visit.connect()
      const ping = frame(Opcode.Ping, 'there?')
      void wire.drip(Buffer.concat([visit.request(), hello, ping, closeFrame(1000, 'bye')]), 0)
      await wire.expectStatus(101)
      if (visit.entry.echoes && !visit.entry.slow) await wire.expectMessage('hello')
      await wire.expectClose(1000)
    },
  },
  {
    title: 'silent after the 101',
    bound: 'open',
    run: (visit) => visit.open(),
  },
  {
    title: 'reads nothing after the 101',
    bound: 'open',
    run: async (visit) => (await visit.open()).stopReading(),
  },
  {
    title: 'silent in a frame',
    bound: 'open',
    run: async (visit) => (await visit.open()).write(hello.subarray(0, 8)),
  },
  {
    title: 'silent in a message',
    bound: 'open',
    run: async (visit) => (await visit.open()).write(frame(Opcode.Text, 'hel', { fin: false })),
  },
  {
    title: 'half-closes after the 101',
    bound: 'end',
    run: async (visit) => (await visit.open()).end(),
  },
  {
    title: 'half-closes in a frame',
    bound: 'end',
    run: async (visit) => (await visit.open()).write(hello.subarray(0, 8)).end(),
  },
  {
    title: 'resets after the 101',
    bound: 'soon',
    run: async (visit) => (await visit.open()).reset(),
  },
  {
    title: 'resets in a frame',
    bound: 'soon',
    async run(visit) {
      const wire = (await visit.open()).write(hello.subarray(0, 8))
      await visit.pause()
      wire.reset()
    },
  },
  {
    title: 'resets in a compressed message',
    bound: 'soon',
    needs: 'deflate',
    async run(visit) {
      for (let i = 0; i < 20; i++) {
        const wire = await visit.open({ deflate: true })
        wire.write(frame(Opcode.Text, deflateRawSync('x'.repeat(10_000)).subarray(0, 12), { fin: false, rsv: 4 }))
        await visit.pause(5)
        wire.reset()
      }
    },
  },
  {
    title: 'resets after its Close',
    bound: 'soon',
    async run(visit) {
      for (const wait of [0, 1, 2, 5, 10]) {
        const wire = (await visit.open()).write(closeFrame(1000))
        await visit.pause(wait)
        wire.reset()
      }
    },
  },
  {
    title: 'resets after both Closes',
    bound: 'soon',
    async run(visit) {
      const wire = (await visit.open()).write(closeFrame(1000))
      await wire.expectClose(1000)
      wire.reset()
    },
  },
  {
    title: 'never ends after the Close',
    bound: 'end',
    run: async (visit) => (await visit.open()).write(closeFrame(1000, 'bye')).expectClose(1000),
  },
  {
    title: 'reads nothing after its Close',
    bound: 'end',
    run: async (visit) => (await visit.open()).stopReading().write(hello, closeFrame(1000)),
  },
  {
    title: 'frames after its Close',
    bound: 'end',
    async run(visit) {
      const wire = (await visit.open()).write(closeFrame(1000), ...Array(100).fill(hello))
      await wire.expectClose(1000)
      void wire.pour(hellos, 64 * MB, visit.real(60_000))
    },
  },
  {
    title: 'never ends after an error',
    bound: 'end',
    run: async (visit) => (await visit.open()).write(fault).expectClose(1002),
  },
  {
    title: 'ignores the Close after an error',
    bound: 'end',
    async run(visit) {
      const wire = (await visit.open()).write(fault)
      await wire.expectClose(1002)
      void wire.drip(hellos, visit.real(500), hello.length)
    },
  },
  {
    title: 'pours after an error',
    bound: 'end',
    async run(visit) {
      const wire = (await visit.open()).write(fault)
      await wire.expectClose(1002)
      void wire.pour(hellos, 256 * MB, visit.real(60_000))
    },
  },
  {
    title: 'a frame of a terabyte',
    bound: 'end',
    async run(visit) {
      const head = Buffer.from('82ff000001000000000012345678', 'hex')
      await (await visit.open()).write(head).expectClose(1009)
    },
  },
  {
    title: 'inflates a thousandfold',
    bound: 'end',
    needs: 'deflate',
    async run(visit) {
      const wire = await visit.open({ deflate: true })
      await wire.write(bombFrame).expectClose(1009)
    },
  },
  {
    title: 'floods with pings, reads nothing',
    bound: 'flood',
    async run(visit) {
      const wire = (await visit.open()).stopReading()
      await wire.pour(times(1000, frame(Opcode.Ping, 'x'.repeat(100))), 32 * MB, visit.real(3000))
    },
  },
  {
    title: 'floods with pings',
    bound: 'flood',
    async run(visit) {
      const wire = await visit.open()
      await wire.pour(times(1000, frame(Opcode.Ping, 'x')), 4 * MB, visit.real(3000))
    },
  },
  {
    title: 'floods with empty fragments',
    bound: 'flood',
    async run(visit) {
      const wire = (await visit.open()).write(frame(Opcode.Text, '', { fin: false }))
      await wire.pour(times(1000, frame(Opcode.Continuation, '', { fin: false })), 4 * MB, visit.real(3000))
    },
  },
  {
    title: 'floods with fragments of a byte',
    bound: 'flood',
    async run(visit) {
      const wire = (await visit.open()).write(frame(Opcode.Text, 'x', { fin: false }))
      await wire.pour(times(1000, frame(Opcode.Continuation, 'x', { fin: false })), 4 * MB, visit.real(3000))
    },
  },
  {
    title: 'texts without reading',
    bound: 'flood',
    needs: 'echo',
    async run(visit) {
      const wire = (await visit.open()).stopReading()
      const taken = await wire.pour(texts, 128 * MB, visit.real(3000))
      // What two kernels buffer each way, plus what the program buffers.
      if (taken > 64 * MB) throw new Error(`it must stop reading, and took ${Math.round(taken / MB)} MB`)
    },
  },
  {
    title: 'reads a byte a second',
    bound: 'flood',
    needs: 'echo',
    async run(visit) {
      const wire = (await visit.open()).stopReading()
      await wire.pour(texts, 128 * MB, visit.real(3000))
      void wire.sip(1, visit.real(1000))
    },
  },
  {
    title: 'reads 4 MB slowly',
    bound: 'end',
    needs: 'echo',
    async run(visit) {
      // 1 Mbit/s of the program's time.
      const wire = (await visit.open()).stopReading()
      const block = randomBytes(32 * KB).toString('hex')
      void wire
        .pour(frame(Opcode.Text, block), 64 * block.length, visit.real(600_000))
        .then(() => wire.write(closeFrame(1000)))
      void wire.sip(12_500, visit.real(100))
      for (let i = 0; i < 64; i++) await wire.expectMessage(block)
      await wire.expectClose(1000)
    },
  },
  {
    title: 'closes after 4 MB, and reads them all',
    bound: 'end',
    needs: 'prompt echo',
    async run(visit) {
      const wire = await visit.open()
      const message = 'x'.repeat(1000)
      wire.write(times(4000, frame(Opcode.Text, message)), closeFrame(1000))
      for (let i = 0; i < 4000; i++) await wire.expectMessage(message)
      await wire.expectClose(1000)
    },
  },
  {
    title: 'a hundred that come and go',
    bound: 'soon',
    async run(visit) {
      for (let i = 0; i < 100; i++) {
        const wire = await (i % 2 === 0 ? visit.open() : visit.connect())
        if (i % 4 < 2) wire.write(hello)
        wire.stream.destroy()
      }
    },
  },
]

/** Sends messages while the others misbehave: it must be served all the time. */
export const goodClient = {
  title: 'a good client among them',
  bound: 'end',
  async run(visit) {
    const wire = (await visit.open()).answerPings()
    for (let round = 0; !visit.othersAreDone(); round++) {
      if (visit.entry.echoes) await wire.send(`${round}`).expectMessage(`${round}`)
      await wire.write(frame(Opcode.Ping, `ping ${round}`)).expectPong(`ping ${round}`)
      await visit.pause(2000)
    }
    await wire.close(1000, 'bye').expectClose(1000)
    wire.end()
  },
}
