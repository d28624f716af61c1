/**
 * What a wrong use of the command is answered with: one sentence that names what is wrong and the nearest right name.
 *
 * @module
 */

/** A mistake of the user, or no agent to test: the command prints the message and exits with 2. */
export class UsageError extends Error {}

/** `; did you mean server/framing/opcode-3?`, or nothing where no name is near. */
export function suggest(name: string, names: Iterable<string>): string {
  const nearest = findNearest(name, names)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

/** The most similar name, if a third of the letters differ at most. */
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

/** The Levenshtein distance. */
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
