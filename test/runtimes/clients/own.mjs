/**
 * What a runtime's own `WebSocket` must receive from an echo server. Runs unchanged in every runtime; in the browser on a page of
 * that server, whose origin it then has.
 */

import { Transcript } from '../suite/transcript.mjs'

const messages = ['Hello', 'Käse 世界 👋🏽 \0', Uint8Array.of(0, 255, 1), new Uint8Array(0), pattern(2 ** 20)]

/** `protocols`: the offer; the last of them is expected. */
export async function main({ url, protocols }) {
  let outcome
  try {
    outcome = { state: 'ok', digest: await converse(url, protocols) }
  } catch (thrown) {
    outcome = { state: 'FAIL', reason: String(thrown?.stack ?? thrown) }
  }
  console.log(JSON.stringify(outcome))
}

async function converse(url, protocols) {
  const transcript = new Transcript()
  const socket = protocols ? new WebSocket(url, protocols) : new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  const seen = await new Promise((resolve, reject) => {
    const received = []
    let trouble = 'no error'
    const timer = setTimeout(
      () => reject(new Error(`still waiting after ${received.length} messages, ${trouble}`)),
      10_000,
    )
    // Not always the end: workerd sometimes reports one, and then a clean close, with servers of `ws` too.
    socket.addEventListener('error', ({ message }) => {
      trouble = message
    })
    socket.addEventListener('open', () => {
      for (const message of messages) socket.send(message)
    })
    socket.addEventListener('message', ({ data }) => {
      received.push(typeof data === 'string' ? data : new Uint8Array(data))
      if (received.length === messages.length) socket.close(3000, 'enough')
    })
    socket.addEventListener('close', ({ code, wasClean }) => {
      clearTimeout(timer)
      if (code === 1006) reject(new Error(`1006 after ${received.length} messages, ${trouble}`))
      else resolve({ received, code, wasClean })
    })
  })
  // Without an agreed subprotocol, workerd returns null instead of ''.
  transcript.equal(socket.protocol ?? '', protocols?.at(-1) ?? '')
  transcript.equal(seen.received, messages)
  transcript.equal([seen.code, seen.wasClean], [3000, true])
  return transcript.digest()
}

function pattern(size) {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) % 251)
}
