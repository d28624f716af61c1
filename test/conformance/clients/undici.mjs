/** undici's `WebSocket`. */
import { WebSocket } from 'undici'
import { runCases } from './harness.mjs'
import { visitWith } from './standard.mjs'

await runCases(visitWith(WebSocket), process.argv[2], 'undici')
