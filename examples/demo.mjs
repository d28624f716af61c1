// A WebSocket opened, used and closed, byte by byte: the bare server, the client, and a listener between them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openWebSocket } from './client-node-net.mjs'
import { createTranscript } from './transcript.mjs'

const server = spawn(process.execPath, [fileURLToPath(new URL('echo-node-net.mjs', import.meta.url)), '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
process.on('exit', () => server.kill()) // however it ends
const [line] = await once(createInterface(server.stdout), 'line')
const serverPort = Number(/port: (\d+)/.exec(line)?.[1])

const transcript = createTranscript()
const tap = createServer((client) => {
  const upstream = connect(serverPort, '127.0.0.1')
  client.on('data', transcript.fromClient).pipe(upstream)
  upstream.on('data', transcript.fromServer).on('end', transcript.serverEnded).pipe(client)
}).listen(0, '127.0.0.1')
await once(tap, 'listening')
const { port } = /** @type {import('node:net').AddressInfo} */ (tap.address())

/** @type {import('websocket-primitives').ConnectionEvent[]} */
const events = []
let wake = () => {}
const next = async () => {
  while (events.length === 0) await /** @type {Promise<void>} */ (new Promise((resolve) => (wake = resolve)))
  return /** @type {import('websocket-primitives').ConnectionEvent} */ (events.shift())
}

transcript.title('the client asks for a WebSocket, the server agrees')
const { connection, flush } = await openWebSocket(
  `ws://127.0.0.1:${port}/demo`,
  (event) => {
    events.push(event)
    wake()
  },
  { fragmentSize: 20 },
)

/** @type {[title: string, send: () => unknown][]} */
const steps = [
  ['a short text goes out masked, and comes back bare', () => connection.sendText('Hello')],
  ['one more, with characters of two, three and four bytes', () => connection.sendText('Käse 世界 👋')],
  ['binary', () => connection.sendBinary(Uint8Array.from({ length: 16 }, (_, i) => i * 17))],
  ['a ping, which the pong answers with the same bytes', () => connection.ping('are you there?')],
  [
    'a message in frames of 20 bytes at most, cut inside characters',
    () => connection.sendText('Ⅰ one, Ⅱ two, Ⅲ three, Ⅳ four, Ⅴ five'),
  ],
  ['and the end: a Close each way, then the server ends TCP', () => connection.close(1000, 'that was all')],
]
for (const [title, send] of steps) {
  transcript.title(title)
  send()
  flush()
  transcript.event(await next())
}
tap.close()
await once(tap, 'close')
server.kill()
