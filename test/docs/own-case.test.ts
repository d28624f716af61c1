/** The custom case in `docs/conformance.md` is valid, and distinguishes the servers that it is about. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acceptSocket, Endpoint, type Peer } from '../../src/adapters/node/index.ts'
import { memoryPair, parseCases, runCases } from '../../src/testing/index.ts'
import { root } from './snippets.ts'

const guide = readFileSync(join(root, 'docs/conformance.md'), 'utf8')
const [, text = ''] = /^```json own\.json\n(.*?)^```$/ms.exec(guide) ?? []

test.each([
  ['one that closes with 4001', (peer: Peer) => peer.close(4001), 'pass'],
  ['one that takes the message', () => {}, 'fail'],
  ['one that closes with another code', (peer: Peer) => peer.close(1008), 'warn'],
] as const)('%s', async (_, message, verdict) => {
  const endpoint = new Endpoint({ message })
  const { cases } = parseCases(JSON.parse(text))
  const results = await runCases(cases, () => {
    const [client, server] = memoryPair()
    acceptSocket(endpoint, server)
    return client
  })
  expect(results.map(({ id, verdict }) => [id, verdict])).toEqual([['server/chat/text-before-name', verdict]])
})
