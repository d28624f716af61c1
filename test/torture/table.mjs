/** Prints the results: a row for each peer, a column for each program, then a line for each failure. */

export function printTable(results) {
  const programs = [...new Set(results.map(({ program }) => program))].sort()
  const peers = [...new Set(results.map(({ peer }) => peer))]
  const cells = new Map(results.map((result) => [`${result.program}\n${result.peer}`, result]))
  const width = Math.max(...peers.map((peer) => peer.length), 0)
  const columns = programs.map((_, i) => `${i + 1}`.padStart(3))
  for (const [i, program] of programs.entries()) console.log(`${columns[i]} ${program}`)
  console.log(`\n${''.padEnd(width)} ${columns.join('')}`)
  for (const peer of peers) {
    const row = programs.map((program) => {
      const result = cells.get(`${program}\n${peer}`)
      return result === undefined ? '   ' : result.failure === undefined ? '  ·' : '  F'
    })
    console.log(`${peer.padEnd(width)} ${row.join('')}`)
  }
  console.log()
  for (const { program, peer, failure } of results) {
    if (failure !== undefined) console.log(`FAILED ${program} × ${peer}: ${failure}`)
  }
}
