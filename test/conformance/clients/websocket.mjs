/** `websocket` (WebSocket-Node) as a client. */
import websocket from 'websocket'
import { runCases } from './harness.mjs'

function visit(url, answer) {
  return new Promise((resolve) => {
    const client = new websocket.client({ maxReceivedFrameSize: 2 ** 24, maxReceivedMessageSize: 2 ** 24 })
    client.on('connectFailed', resolve)
    client.on('connect', (peer) => {
      peer.on('message', ({ type, utf8Data, binaryData }) => {
        const reply = answer(type === 'utf8' ? utf8Data : binaryData)
        if (reply !== undefined) peer.send(reply)
      })
      peer.on('error', () => {})
      peer.on('close', resolve)
    })
    client.connect(url, ['chat'])
  })
}

await runCases(visit, process.argv[2], 'websocket')
