/** Loaded by Deno and Bun before a program, which then runs unchanged. Their listeners get a free port of loopback, and report it. */

import { answerBench, scaleClock } from './clock.mjs'

scaleClock(Number(process.env.SPEED))
answerBench()

const runtime = globalThis.Deno ?? globalThis.Bun
const { listen } = runtime
runtime.listen = (options) => {
  const listener = listen.call(runtime, { ...options, hostname: '127.0.0.1', port: 0 })
  console.log(`port: ${listener.port ?? listener.addr.port}`)
  return listener
}
