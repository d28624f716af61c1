/**
 * How late this machine is: on one that has no time for the bench, no deadline of a program can be judged either.
 *
 * @module
 */

const TICK = 50
/** The span that is looked at, in ms. */
const SPAN = 1000

/** Looks from now on. Returns a function for the worst of all spans so far: the ms in which this process got no processor. */
export function watchLateness() {
  const lost = []
  let worst = 0
  let [wall, cpu] = [performance.now(), process.cpuUsage()]
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(cpu)
    const now = performance.now()
    lost.push(Math.max(0, now - wall - TICK - (user + system) / 1000)) // its own work is not lost
    if (lost.length > SPAN / TICK) lost.shift()
    worst = Math.max(
      worst,
      lost.reduce((sum, ms) => sum + ms, 0),
    )
    wall = now
    cpu = process.cpuUsage()
  }, TICK)
  timer.unref()
  return () => worst
}
