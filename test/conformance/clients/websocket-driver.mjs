/** websocket-driver as a client, on node:net as in its README. */
import { connect } from 'node:net'
import driver from 'websocket-driver'
import { runCases } from './harness.mjs'

function visit(url, answer) {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const peer = driver.client(url, { protocols: ['chat'] })
    const socket = connect(port, hostname)
    socket.on('error', () => {})
    socket.on('close', resolve)
    socket.on('connect', () => peer.start())
    socket.pipe(peer.io).pipe(socket)
    peer.messages.on('data', (data) => {
      const reply = answer(data)
      if (reply !== undefined) peer[typeof reply === 'string' ? 'text' : 'binary'](reply)
    })
    peer.on('error', () => {})
    peer.on('close', () => socket.end())
  })
}

await runCases(visit, process.argv[2], 'websocket-driver')
