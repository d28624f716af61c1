/**
 * Python's zlib in a child process, which compresses and decompresses whole streams of messages.
 *
 * @module
 */

import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { findMissing } from '../peers/puppet.ts'
import { type Running, startProcess, within } from '../peers/support.ts'

const PYTHON = '/usr/bin/python3'

export const missing: string | undefined = findMissing('zlib')

/** One process for any number of streams. */
export class PythonZlib {
  private readonly running: Running

  constructor() {
    const path = fileURLToPath(new URL('python-zlib.py', import.meta.url))
    this.running = startProcess('python-zlib.py', PYTHON, ['-B', path])
  }

  /** Compresses or decompresses a stream of messages, without their tails. Fails with Python's error. */
  async run(
    what: 'deflate' | 'inflate',
    bits: number,
    takesOver: boolean,
    messages: readonly Uint8Array[],
  ): Promise<Uint8Array[]> {
    const { child, lines } = this.running
    const answered = once(lines, 'line')
    const encoded = messages.map((message) => Buffer.from(message).toString('base64'))
    child.stdin.write(`${JSON.stringify({ what, bits, takesOver, messages: encoded })}\n`)
    const [line] = await within(answered, 'an answer of python-zlib.py')
    const { messages: results, error } = JSON.parse(String(line)) as { messages?: string[]; error?: string }
    if (results === undefined) throw new Error(`Python: ${error}`)
    return results.map((result) => new Uint8Array(Buffer.from(result, 'base64')))
  }

  stop(): Promise<void> {
    return this.running.stop()
  }
}
