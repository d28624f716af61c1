// Opens, uses and closes a WebSocket, byte by byte: a server, a client, and a listener between them that prints the bytes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { offerHandshake } from 'websocket-primitives'
import { connectSocket, Endpoint } from 'websocket-primitives/node'
import { createTranscript } from './transcript.mjs'

const server = spawn(process.execPath, [fileURLToPath(new URL('echo-node-net.mjs', import.meta.url)), '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
process.on('exit', () => server.kill()) // however this process ends
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

/** @type {(event: import('websocket-primitives').ConnectionEvent) => void} */
let tell = () => {}
const endpoint = new Endpoint({ fragmentSize: 20, event: (_, event) => tell(event) })
const offer = offerHandshake(`ws://127.0.0.1:${port}/demo`)

transcript.title('the client asks for a WebSocket, and the server agrees')
const peer = await connectSocket(endpoint, connect(offer.port, offer.hostname), offer)

/** @type {[title: string, send: () => unknown][]} */
const steps = [
  ['a short text is sent masked, and comes back unmasked', () => peer.send('Hello')],
  ['one more, with characters of two, three and four bytes', () => peer.send('Käse 世界 👋')],
  ['binary', () => peer.send(Uint8Array.from({ length: 16 }, (_, i) => i * 17))],
  ['a ping, which the pong answers with the same bytes', () => peer.ping('are you there?')],
  [
    'a message in frames of 20 bytes at most, cut inside characters',
    () => peer.send('Ⅰ one, Ⅱ two, Ⅲ three, Ⅳ four, Ⅴ five'),
  ],
  ['and the end: a Close each way, then the server ends TCP', () => peer.close(1000, 'that was all')],
]
for (const [title, send] of steps) {
  transcript.title(title)
  const answer = new Promise((/** @type {typeof tell} */ resolve) => {
    tell = resolve
  })
  send()
  transcript.event(await answer)
}
tap.close()
await once(tap, 'close')
server.kill()
