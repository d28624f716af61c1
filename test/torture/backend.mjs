/**
 * A good server for proxies, in its own process: it echoes, and stops reading while its client does. It tells the bench its port, and how
 * late it was when it is asked.
 */

import { createServer } from 'node:net'
import { frame, Opcode } from './frames.mjs'
import { watchLateness } from './lateness.mjs'
import { switching } from './servers.mjs'
import { Wire } from './wire.mjs'

const lateness = watchLateness()
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const wire = new Wire(socket, { port: socket.remotePort, masked: false })
  wire.patience = Infinity
  echo(wire).catch(() => socket.destroy())
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('message', () => process.send(lateness()))
process.on('disconnect', () => process.exit())

async function echo(wire) {
  const { socket } = wire
  wire.patience = Infinity
  const request = await wire.head()
  const origin = request.fields.get('origin')
  // A proxy may leave the decision on origins to its backend.
  if (origin !== undefined && origin.replace(/^.*:\/\//, '') !== request.fields.get('host')) {
    wire.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return wire.end()
  }
  wire.write(switching(request))
  for (;;) {
    const next = await wire.frame().catch(() => undefined)
    if (next === undefined) break
    if (socket.writableCorked === 0) {
      socket.cork() // the answers to many small frames are one write
      process.nextTick(() => socket.uncork())
    }
    if (next.opcode === Opcode.Ping) wire.write(frame(Opcode.Pong, next.payload, wire))
    else if (next.opcode !== Opcode.Pong) wire.write(frame(next.opcode, next.payload, { ...next, masked: false }))
    if (next.opcode === Opcode.Close) break
    if (wire.stream.writableNeedDrain) await drain(wire)
  }
  wire.end()
  for (const event of ['end', 'close']) wire.stream.once(event, () => wire.stream.destroy())
}

async function drain({ stream }) {
  stream.pause()
  await new Promise((resolve) => {
    for (const event of ['drain', 'error', 'close']) stream.once(event, resolve)
  })
  stream.resume()
}
