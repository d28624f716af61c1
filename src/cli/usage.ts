/**
 * Errors of the command's user: one sentence that names the mistake and the nearest valid name.
 *
 * @module
 */

/** A mistake of the user, or a missing agent. The command prints the message and exits with 2. */
export class UsageError extends Error {}

/** Returns `; did you mean server/framing/opcode-3?`, or an empty string if no name is similar. */
export function suggest(name: string, names: Iterable<string>): string {
  const nearest = findNearest(name, names)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

/** Returns the most similar name, if at most a third of the letters differ. */
function findNearest(name: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let fewest = Math.floor(Math.max(name.length, 4) / 3) + 1
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= fewest) continue
    const edits = countEdits(name, other)
    if (edits >= fewest) continue
    nearest = other
    fewest = edits
  }
  return nearest
}

/** Returns the Levenshtein distance. */
function countEdits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
