/** What a client on `node:net` must receive from an echo server, in every runtime that has `node:net`. */

import { connect } from 'node:net'
import { connectSocket, Endpoint } from '../../../dist/adapters/node/index.js'
import { offerHandshake } from '../../../dist/index.js'
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
    setTimeout(() => reject(new Error(`still waiting after ${events.length} events`)), 10_000).unref()
    const endpoint = new Endpoint({
      open(peer) {
        peer.send('Käse 世界 👋🏽')
        peer.send(bytes)
      },
      event(peer, event) {
        events.push(event)
        if (events.length === 2) peer.close(3000, 'enough')
      },
      gone: () => resolve(events),
    })
    const offer = offerHandshake(url)
    connectSocket(endpoint, connect(offer.port, offer.hostname), offer).catch(reject)
  })
  const [text, binary, closed, ...more] = events
  transcript.equal([text.data, binary.data, more], ['Käse 世界 👋🏽', bytes, []])
  transcript.equal([closed.code, closed.clean, closed.by], [3000, true, 'local'])
  return transcript.digest()
}
