/** Runs the programs of the guides on compression and on many processes. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { zlib } from '../../src/codec/zlib.ts'
import { encodeFrame, formatRequestHead, Opcode, offerHandshake, permessageDeflate } from '../../src/index.ts'
import { patient, within } from '../peers/support.ts'
import { open, said, serve, stopLater } from './guide-programs.ts'

vi.setConfig(patient)

test('compression.md compresses what was found, and never the session', async () => {
  const [port, program] = await serve('docs/compression.md: Compression and secrets')
  const socket = await open(`ws://127.0.0.1:${port}`)
  socket.send('item 1')
  let json = ''
  while (!json.startsWith('[')) json = await said(socket) // the session may come first
  expect(JSON.parse(json)).toHaveLength(111)

  const extensions = [permessageDeflate({ codec: zlib })]
  const raw = connect(port, '127.0.0.1').setEncoding('latin1')
  stopLater(() => raw.destroy())
  let wire = ''
  raw.on('data', (text) => {
    wire += text
  })
  raw.write(formatRequestHead(offerHandshake(`ws://127.0.0.1:${port}`, { extensions }).request))
  await vi.waitFor(() => expect(wire).toMatch(/\{"session":"[\da-f-]{36}"\}$/))
  const start = wire.length
  raw.write(encodeFrame({ opcode: Opcode.Text, payload: 'item 1', maskKey: 'random' }))
  raw.write(encodeFrame({ opcode: Opcode.Close, maskKey: 'random' }))
  await within(once(raw, 'close'), 'the end')
  expect(wire.length - start).toBeLessThan(json.length / 5)
  await program.stop()
})
