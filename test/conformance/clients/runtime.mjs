/** The `WebSocket` of the runtime that runs this file. */
import process from 'node:process'
import { runCases } from './harness.mjs'
import { visitWith } from './standard.mjs'

const [url, agent] = process.argv.slice(2)
await runCases(visitWith(WebSocket), url, agent)
