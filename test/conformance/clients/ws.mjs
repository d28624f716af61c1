/** `ws` as a client. */
import { WebSocket } from 'ws'
import { runCases } from './harness.mjs'

function visit(url, answer) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, ['chat'])
    socket.on('message', (data, binary) => {
      const reply = answer(data)
      if (reply !== undefined) socket.send(reply, { binary })
    })
    socket.on('error', () => {})
    socket.on('close', resolve)
  })
}

await runCases(visit, process.argv[2], 'ws')
