/** Runs programs to their end, and starts and stops servers. No child process outlives this process. */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the repository, where every program runs. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
/** The time limit of one run. Far more than needed: only a hang reaches it. */
export const TIMEOUT = 60_000

const running = new Set()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Runs a program to its end.
 *
 * @returns {Promise<{ output: string, failure: string | undefined }>} Its output, and the reason for a failure, if any.
 */
export async function run(program, args, env) {
  const child = start(program, args, env, 'ignore')
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, TIMEOUT)
  const status = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code ?? signal))
  })
  clearTimeout(timer)
  if (status === 0) return { output, failure: undefined }
  return { output, failure: `${late ? `did not end in ${TIMEOUT} ms` : `ended with ${status}`}\n${errors}` }
}

/**
 * Starts a server and waits until it reports its ports.
 *
 * @param readPorts Finds the ports in the output so far; `undefined`: incomplete.
 * @returns {Promise<{ ports: object, stop: () => Promise<void> }>} `stop` fails if it has already died.
 */
export async function startServer(program, args, env, readPorts) {
  const child = start(program, args, env, 'pipe')
  let said = ''
  let died
  const exited = new Promise((resolve) => child.on('close', resolve)).then((code) => {
    died ??= `it ended with ${code}\n${said}`
  })
  let timer
  const listening = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it does not listen\n${said}`)), TIMEOUT)
    const listen = (text) => {
      said += text
      const ports = readPorts(said)
      if (ports !== undefined) resolve(ports)
    }
    for (const stream of [child.stdout, child.stderr, child.stdio[3]]) stream.setEncoding('utf8').on('data', listen)
    child.on('error', reject)
    void exited.then(() => reject(new Error(died)))
  })
  const ports = await listening
    .catch((error) => {
      child.kill('SIGKILL')
      throw error
    })
    .finally(() => clearTimeout(timer))
  const stop = async () => {
    const before = died
    died ??= ''
    child.kill('SIGKILL')
    await exited
    if (before) throw new Error(before)
  }
  return { ports, stop }
}

/** `control`: an extra pipe, on which workerd reports its ports. */
function start(program, args, env, control) {
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe', control] })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}
