/** What the example client on `node:net` must receive from an echo server, in every runtime that has `node:net`. */

import { openWebSocket } from '../../../examples/client-node-net.mjs'
import { Transcript } from '../suite/transcript.mjs'

export async function main({ url }) {
  let outcome
  try {
    outcome = { state: 'ok', digest: await converse(url) }
  } catch (thrown) {
    outcome = { state: 'FAIL', reason: String(thrown?.stack ?? thrown) }
  }
  console.log(JSON.stringify(outcome))
}

async function converse(url) {
  const transcript = new Transcript()
  const bytes = Uint8Array.from({ length: 2 ** 20 }, (_, i) => i * 7)
  const events = await new Promise((resolve, reject) => {
    const events = []
    setTimeout(() => reject(new Error(`still waiting behind ${events.length} events`)), 10_000).unref()
    const onEvent = (event) => {
      events.push(event)
      if (events.length === 2)
        opened.then(({ connection, flush }) => connection.close(3000, 'enough') && flush(), reject)
      if (event.type === 'close') resolve(events)
    }
    const opened = openWebSocket(url, onEvent)
    opened.then(({ connection, flush }) => {
      connection.sendText('Käse 世界 👋🏽')
      connection.sendBinary(bytes)
      flush()
    }, reject)
  })
  const [text, binary, closed, ...more] = events
  transcript.equal([text.data, binary.data, more], ['Käse 世界 👋🏽', bytes, []])
  transcript.equal([closed.code, closed.clean, closed.by], [3000, true, 'local'])
  return transcript.digest()
}
