/** This package's streams over `Deno.connect`. */
import { offerHandshake } from 'websocket-primitives'
import { runCases } from './harness.mjs'
import { converse } from './streams.mjs'

async function visit(url, answer) {
  const offer = offerHandshake(url, { subprotocols: ['chat'] })
  await converse(await Deno.connect({ hostname: offer.hostname, port: offer.port }), offer, answer)
}

await runCases(visit, Deno.args[0], 'websocket-primitives-deno')
