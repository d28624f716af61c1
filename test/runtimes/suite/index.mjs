/**
 * Runs all cases, and reports each result as a line of JSON: first their names, so that a host that dies half-way has failed the
 * rest. Runs unchanged in every runtime, the browser included.
 *
 * A case is a function in the object of its topic; to add one, add it there. It gets a transcript, and its name is its row in the
 * table.
 */

import { connection } from './connection.mjs'
import { deflate } from './deflate.mjs'
import { frame } from './frame.mjs'
import { handshake } from './handshake.mjs'
import { http } from './http.mjs'
import { streams } from './streams.mjs'
import { Transcript } from './transcript.mjs'

const topics = { http, handshake, frame, deflate, connection, streams }

/** Cases whose name begins with something that a runtime is `without` are reported as such, with the reason, and not run. */
export async function main({ without = {} }) {
  const cases = Object.entries(topics).flatMap(([topic, cases]) =>
    Object.entries(cases).map(([name, run]) => ({ name: `${topic}: ${name}`, run })),
  )
  console.log(JSON.stringify({ cases: cases.map(({ name }) => name) }))
  for (const { name, run } of cases) {
    const lack = Object.keys(without).find((start) => name.startsWith(start))
    const outcome = lack === undefined ? await tryCase(run) : { state: 'n/a', reason: without[lack] }
    console.log(JSON.stringify({ case: name, ...outcome }))
  }
}

async function tryCase(run) {
  const transcript = new Transcript()
  try {
    await run(transcript)
    return { state: 'ok', digest: await transcript.digest() }
  } catch (thrown) {
    return { state: 'FAIL', reason: String(thrown?.stack ?? thrown) }
  }
}
