/**
 * Measures how late this machine is: if it has no time for the bench, it cannot judge a program's deadlines either.
 *
 * @module
 */

const TICK = 50
const SPAN = 1000

/** Starts measuring. Returns a function for the longest time so far, in ms, that this process had no processor in one second. */
export function watchLateness() {
  let worst = 0
  let ticks = []
  let [wall, cpu] = [performance.now(), process.cpuUsage()]
  const look = () => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    const lost = Math.max(0, now - wall - TICK - (user + system) / 1000) // its own work is not lost
    ticks = ticks.filter(({ at }) => at > now - SPAN)
    ticks.push({ at: now, lost })
    worst = Math.max(
      worst,
      ticks.reduce((sum, tick) => sum + tick.lost, 0),
    )
    wall = now
    cpu = process.cpuUsage()
  }
  setInterval(look, TICK).unref()
  return () => worst
}
