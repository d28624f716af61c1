/**
 * Starts a client under test with a command line.
 *
 * @module
 */

import { spawn } from 'node:child_process'

/** A process, with all processes that it started. */
export interface Client {
  /** Resolves when it has ended: with how it ended, and the last part of its output. */
  readonly ended: Promise<string>
  /** Asks it to end, and kills it if it does not. */
  stop(): void
}

/** How many characters of a client's output are kept. */
const MAX_WRITTEN = 2000

/** Milliseconds between asking a process to end and killing it. */
const GRACE = 1000

/** Runs a command line in a shell, with names in braces replaced: `{url}`, `{case}`. */
export function startClient(command: string, values: Readonly<Record<string, string>>): Client {
  const line = command.replace(/\{(\w+)\}/g, (whole, name) =>
    values[name] === undefined ? whole : quote(values[name]),
  )
  const isWindows = process.platform === 'win32'
  // In its own process group, so that everything that the shell starts ends with it.
  const child = spawn(line, { shell: true, detached: !isWindows, stdio: ['ignore', 'pipe', 'pipe'] })
  let written = ''
  const keep = (chunk: Buffer): void => {
    written = `${written}${chunk.toString('utf8')}`.slice(-MAX_WRITTEN)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (isWindows || child.pid === undefined) child.kill(signal)
      else process.kill(-child.pid, signal)
    } catch {
      // It has ended already.
    }
  }
  let timer: NodeJS.Timeout | undefined
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`The command could not be started: ${error.message}`))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
      resolve(`The command ${how}${written.trim() === '' ? '' : `: ${written.trim()}`}`)
    })
  })
  return {
    ended,
    stop() {
      if (timer !== undefined || child.exitCode !== null || child.signalCode !== null) return
      kill('SIGTERM')
      timer = setTimeout(() => kill('SIGKILL'), GRACE)
    },
  }
}

/** Quotes a URL for the shell, because of `?` and `&`. */
function quote(text: string): string {
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`
}
