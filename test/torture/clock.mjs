/**
 * The clock of a program under test, which runs SPEED times as fast, and its answer when the bench asks for its memory. Node has more
 * timers than these (`machine.mjs`); Deno and Bun load only this file before the program.
 *
 * All times of a program and of its peers are divided by the same factor, so each order of events, each rate and each ratio of two times is
 * the same as with the real clock. Only the program's own work is not faster: the slack of the bounds covers it.
 *
 * @module
 */

/** Uses nothing from Node, so that workerd can also load it. */
export function scaleClock(speed) {
  const { now } = performance
  performance.now = () => now.call(performance) * speed
  const start = Date.now()
  const realDate = Date.now
  Date.now = () => start + (realDate() - start) * speed
  const promised = Symbol.for('nodejs.util.promisify.custom')
  for (const name of ['setTimeout', 'setInterval']) {
    const real = globalThis[name]
    const scaled = (callback, ms, ...rest) => real(callback, ms / speed, ...rest)
    if (real[promised]) scaled[promised] = (ms, ...rest) => real[promised](ms / speed, ...rest)
    globalThis[name] = scaled
  }
  const { timeout } = AbortSignal
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, Math.ceil(ms / speed))
}

/** Does not keep the process alive. */
export function answerBench() {
  if (process.channel === undefined) return
  process.on('message', async () => {
    for (let round = 0; round < 3; round++) {
      globalThis.gc()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { heapUsed, external } = process.memoryUsage()
    if (process.connected) process.send({ memory: heapUsed + external })
  })
  process.channel?.unref()
}
