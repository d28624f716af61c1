/**
 * Shared by all tests with a real peer: the example servers and others in their own processes, what happens if a peer is missing,
 * waiting with a deadline, and repeatable randomness.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'

/** No test waits for time to pass; this only ends a test that waits forever. */
const DEADLINE = 20_000

/** For `vi.setConfig`: longer than the deadline, which fails first with a better message. */
export const patient: { testTimeout: number; hookTimeout: number } = {
  testTimeout: 3 * DEADLINE,
  hookTimeout: 2 * DEADLINE,
}

/** Fails with the name of what did not arrive. */
export async function within<Result>(promise: Promise<Result>, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), DEADLINE)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/** Items in order of arrival, for one reader that takes them one by one. */
export class Inbox<Item> {
  private readonly items: Item[] = []
  private wake = (): void => {}

  readonly push = (item: Item): void => {
    this.items.push(item)
    this.wake()
  }

  async next(what = 'the next event'): Promise<Item> {
    while (this.items.length === 0) {
      const pushed = new Promise<void>((resolve) => {
        this.wake = resolve
      })
      await within(pushed, what)
    }
    return this.items.shift() as Item
  }
}

/** A server that a test has started, and stops. */
export interface Host {
  readonly port: number
  /** With `ws:`. */
  readonly url: string
  stop(): Promise<void>
}

/** Echo servers, all three alike. */
export const examples: readonly string[] = ['echo-node-http.mjs', 'echo-node-net.mjs', 'by-hand-node-net.mjs']

/** Starts an example that is no server, with these arguments. `env` is added to the environment. */
export function runExample(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return startProcess(name, process.execPath, [examplePath(name), ...args], env)
}

export function examplePath(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
}

/** A process that a test has started, and stops. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  /** Its output, line by line. */
  readonly lines: Interface
  readonly exited: Promise<unknown[]>
  /** Fails if it has exited early or written to stderr. */
  stop(): Promise<void>
}

export function startProcess(
  name: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(command, args, { env: { ...process.env, ...env } })
  // An interrupted test run leaves no process.
  const kill = (): boolean => child.kill()
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  const exited = once(child, 'exit')
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const stop = async (): Promise<void> => {
    const died = child.exitCode !== null || child.signalCode !== null
    kill()
    await within(exited, `${name} to exit`)
    if (died || complaints !== '') throw new Error(`${name} ${died ? 'died' : 'complained'}: ${complaints}`)
  }
  return { child, lines: createInterface(child.stdout), exited, stop }
}

/** An example server on a free port, with arguments after the port. */
export async function startExample(name: string, ...more: readonly string[]): Promise<Host> {
  const { lines, exited, stop } = startProcess(name, process.execPath, [examplePath(name), '0', ...more])
  const [line] = await within(Promise.race([once(lines, 'line'), exited]), `${name} to listen`)
  const port = Number(/port: (\d+)/.exec(String(line))?.[1])
  if (!(port > 0)) {
    const cause = await stop().catch((error: unknown) => error)
    throw new Error(`${name} said ${line} instead of where it listens (npm run build?)`, { cause })
  }
  return { port, url: `ws://127.0.0.1:${port}/`, stop }
}

/**
 * The tests of a peer that may be missing on a machine. Then they are skipped, with a name that says what is missing, and fail with
 * `CI`.
 */
export function describePeer(name: string, missing: string | undefined, tests: () => void): void {
  if (missing === undefined) return void describe(name, tests)
  console.warn(`the tests of ${name} are skipped: ${missing}`)
  describe.skip(`${name} (${missing})`, tests)
  if (!process.env.CI) return
  test(`CI has ${name}`, () => {
    throw new Error(missing)
  })
}

/** The first of these programs that exists: names to be found on the path, or paths. */
export function findExecutable(...names: readonly string[]): string | undefined {
  // Debian installs servers in the last one, which only root has on the path.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  const candidates = names.flatMap((name) => folders.map((folder) => resolve(folder, name)))
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Sizes around every change of a frame's length encoding, and one that no transport delivers in one piece. */
export const sizes: readonly number[] = [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20]

/** Bytes that repeat with a prime period, so that no shift of them looks the same. */
export function pattern(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) % 251)
}

/** A text of `size` bytes with a prime period, so that no shift of it looks the same. */
export function textOf(size: number): string {
  return 'abcdefghijklmnopqrstuvwxyz0123456789.'.repeat(Math.ceil(size / 37)).slice(0, size)
}

/** Characters of one to four bytes, and some that other libraries handle wrongly. */
export const MULTI_BYTE = 'Käse 世界 👋🏽 \0 \u2028 \uFFFD \u{10FFFF} ÿ'
