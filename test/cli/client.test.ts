// `test client` as a process: clients that connect on their own, clients that it starts, harnesses for Autobahn, and bad clients.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { connectHttp2Stream, Endpoint } from '../../src/adapters/node/index.ts'
import { offerHandshake } from '../../src/handshake/index.ts'
import { toHttp2Headers } from '../../src/http/index.ts'
import type { Case } from '../../src/testing/case.ts'
import type { Report } from '../../src/testing/result.ts'
import { listen } from '../driver/hosts.ts'
import { patient } from '../peers/support.ts'
import { caseFile, type Exit, makeFolder, run, smallCases, start, verdictsOf, writeJson } from './support.ts'

vi.setConfig(patient)

const allPass = {
  'client/framing/text': 'pass',
  'client/framing/opcode-3': 'pass',
  'client/control/ping': 'pass',
  'client/closing/code-1000': 'pass',
}

const ids = Object.keys(allPass)

/** Returns a command line that runs a program of this folder with `node`. */
function nodeWith(program: string): string {
  return `"${process.execPath}" "${fileURLToPath(new URL(program, import.meta.url))}"`
}

/** Starts the command, and returns its address. */
async function startListening(
  ...args: readonly string[]
): Promise<{ readonly url: string; readonly exit: Promise<Exit>; readonly stop: () => void }> {
  const { child, exit } = start('test', 'client', '--port', '0', '--cases', caseFile('client'), ...args)
  let text = ''
  child.stderr?.on('data', (more: string) => {
    text += more
  })
  await vi.waitFor(() => expect(text).toMatch(/Waiting for a client to connect to \S+/), 10_000)
  return { url: /ws:\/\/[^\s,]+/.exec(text)?.[0] ?? '', exit, stop: () => child.kill('SIGINT') }
}

/** Connects, echoes, and waits for the end. Resolves with the status of a refusal. */
function echo(url: string): Promise<number | undefined> {
  const socket = new WebSocket(url)
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })).on('error', () => {})
  return new Promise((resolve) => {
    socket.on('close', () => resolve(undefined))
    socket.on('unexpected-response', (request, { statusCode }) => {
      request.destroy()
      resolve(statusCode)
    })
  })
}

function parse({ stdout }: Exit): Report {
  return JSON.parse(stdout)
}

test('gives each connection the next case until all have run', async () => {
  const { url, exit } = await startListening('--format', 'json')
  for (const _ of ids) await echo(url)
  const { code, ...output } = await exit
  expect([code, verdictsOf(parse({ code, ...output }))]).toEqual([0, allPass])
})

test('answers 410, as no case does, when no case is left', async () => {
  const { url, exit } = await startListening('--format', 'json')
  const held = new WebSocket(url)
  await once(held, 'open')
  for (const _ of ids.slice(1)) await echo(url)
  expect(await echo(url)).toBe(410)
  held.terminate()
  await exit
  const { cases } = JSON.parse((await run('list', '--side', 'client', '--json')).stdout)
  expect(JSON.stringify(cases)).not.toMatch(/HTTP\/1\.1 410|"410"/)
})

test("gives a connection the case that it names by slug, number or Autobahn's number", async () => {
  const { url, exit } = await startListening('--format', 'json')
  expect(await echo(`${url}/?case=client/framing/opcode-4`)).toBe(404)
  expect(await echo(`${url}/?case=5`)).toBe(404)
  expect(await echo(`${url}/favicon.ico`)).toBe(404)
  for (const name of ['client/closing/code-1000', '2', '2.2']) await echo(`${url}/any/path?case=${name}`)
  // The only case that no connection has got yet.
  await echo(url)
  expect(verdictsOf(parse(await exit))).toEqual(allPass)
})

/** Runs a program of this folder to its end. */
async function runProgram(program: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), ...args])
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  expect(await once(child, 'close')).toEqual([0, null])
}

test('runs an unchanged Autobahn harness, and writes an index.json with a column for each agent', async () => {
  const folder = join(makeFolder(), 'reports')
  const runs = []
  for (const agent of ['one/1.0', 'other <b>']) {
    const { url, exit } = await startListening('--autobahn', folder, '--format', 'json')
    await runProgram('harness.mjs', url, encodeURIComponent(agent))
    const done = await exit
    runs.push([done.code, parse(done).agent, verdictsOf(parse(done))])
  }
  expect(runs).toEqual([
    [0, { name: 'one', version: '1.0' }, allPass],
    [0, { name: 'other <b>' }, allPass],
  ])
  const entry = (reportfile: string, remoteCloseCode = 1000) => {
    expect(existsSync(join(folder, reportfile))).toBe(true)
    return { behavior: 'OK', behaviorClose: 'OK', duration: expect.any(Number), remoteCloseCode, reportfile }
  }
  const column = (agent: string) => ({
    '1.1.2': entry(`${agent}_case_1_1_2.json`),
    '2.1': entry(`${agent}_case_2_1.json`),
    '2.2': entry(`${agent}_case_2_2.json`),
    'client/closing/code-1000': entry(`${agent}_case_client_closing_code_1000.json`),
    'client/framing/opcode-3': entry(`${agent}_case_client_framing_opcode_3.json`, 1002),
  })
  expect(JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))).toEqual({
    'one/1.0': column('one_1_0'),
    'other <b>': column('other__b_'),
  })
})

test("answers Autobahn's requests for the description and the result of a case", async () => {
  const { url, exit } = await startListening('--quiet')
  const ask = async (path: string): Promise<unknown> => {
    const socket = new WebSocket(url + path)
    const [[data, isBinary], [code]] = await Promise.all([once(socket, 'message'), once(socket, 'close')])
    expect([isBinary, code]).toEqual([false, 1000])
    return JSON.parse(data.toString())
  }
  expect(await ask('/getCaseCount')).toBe(4)
  expect(await ask('/getCaseInfo?case=3')).toEqual({ id: 'client/control/ping', description: 'a ping' })
  expect(await ask('/getCaseStatus?case=3&agent=a')).toEqual({ behavior: 'MISSING' })
  await echo(`${url}/runCase?case=3&agent=a`)
  expect(await ask('/getCaseStatus?case=3&agent=a')).toEqual({ behavior: 'OK' })
  await echo(`${url}/updateReports?agent=a`)
  expect(await exit).toMatchObject({ code: 1, stderr: expect.stringContaining('1 of 4 cases were run.') })
})

test('exits with 2 if a harness asks for its report before any case', async () => {
  const { url, exit } = await startListening()
  await echo(`${url}/updateReports?agent=a`)
  expect(await exit).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('No case could be run: ') })
})

test('starts a client once with {url}', async () => {
  const args = ['--cases', caseFile('client'), '--format', 'json']
  const done = await run('test', 'client', '--command', `${nodeWith('harness.mjs')} {url} ws`, ...args)
  expect([done.code, done.stderr, verdictsOf(parse(done))]).toEqual([0, '', allPass])
})

test('starts a client for each case with {case}', async () => {
  const args = ['--cases', caseFile('client'), '--format', 'json']
  const done = await run('test', 'client', '--command', `${nodeWith('client.mjs')} {case}`, ...args)
  expect([done.code, done.stderr, verdictsOf(parse(done))]).toEqual([0, '', allPass])
})

test('runs cases that send a lot after all others', async () => {
  const [first, ...others] = smallCases('client') as [Case, ...Case[]]
  const pongs = { do: 'send', pieces: [{ frame: { opcode: 10 }, repeat: 10_000 }] } as const
  const heavy: Case = { ...first, steps: [...first.steps.slice(0, 1), pongs, ...first.steps.slice(1)] }
  const args = ['test', 'client', '--cases', writeJson({ format: 1, cases: [heavy, ...others] }), '--format', 'json']
  // This client runs one case only.
  const once = await run(...args, '--command', `${nodeWith('client.mjs')} {url}`)
  expect(verdictsOf(parse(once))).toMatchObject({ 'client/framing/text': 'error', 'client/framing/opcode-3': 'pass' })
  const started = join(makeFolder(), 'started')
  const each = await run(...args, '--command', `echo {case}>>"${started}" && ${nodeWith('client.mjs')} {case}`)
  expect([each.code, verdictsOf(parse(each))]).toEqual([0, allPass])
  expect(readFileSync(started, 'utf8').trim().split('\n').at(-1)).toMatch(/=client\/framing\/text$/)
})

test.each(['{url}', '{case}'])(
  'prints one message and exits with 2 if the command does not connect to %s',
  async (place) => {
    const command = `"${process.execPath}" -e "console.error('no module'); process.exit(3)" {place}`
    const args = ['--cases', caseFile('client'), '--command', command.replace('{place}', place)]
    const { code, stdout, stderr } = await run('test', 'client', ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /^[^\n]*The command ended with exit code 3: no module; it did not connect for this case\.[^\n]*\n$/,
    )
  },
)

test('reports an error for each case that a client left out because it ended too early', async () => {
  const command = `${nodeWith('client.mjs')} {url}`
  const done = await run('test', 'client', '--command', command, '--cases', caseFile('client'), '--format', 'json')
  expect([done.code, verdictsOf(parse(done))]).toEqual([
    1,
    {
      ...allPass,
      'client/framing/opcode-3': 'error',
      'client/control/ping': 'error',
      'client/closing/code-1000': 'error',
    },
  ])
  const { reason } = parse(done).results[1] ?? {}
  expect(reason).toBe(
    'The command ended with exit code 0; it did not connect for this case. With {case} instead of {url} it is started for each case.',
  )
})

test('exits with 2 if no client connects', async () => {
  const { exit } = await startListening('--wait', '200')
  expect(await exit).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^Waiting for a client to connect to \S+ \(4 cases, one per connection\)\.\nNo case could be run: No client connected for this case within 200 ms\.\n$/,
    ),
  })
})

test('exits with 2 if the port is in use', async () => {
  const port = await listen(createServer())
  const done = await run('test', 'client', '--port', String(port), '--cases', caseFile('client'))
  expect(done).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^Cannot listen there: .*EADDRINUSE.*\n$/),
  })
})

test('prints the results so far after Ctrl-C, with the other cases as errors', async () => {
  const { url, exit, stop } = await startListening('--format', 'json')
  await echo(url)
  stop()
  const done = await exit
  const rest = Object.fromEntries(ids.slice(1).map((id) => [id, 'error']))
  expect([done.code, verdictsOf(parse(done))]).toEqual([130, { 'client/framing/text': 'pass', ...rest }])
})

test('gives no case to a connection without a request, and one case to any other bad client', async () => {
  const { url, exit } = await startListening('--format', 'json')
  const { port } = new URL(url)
  const send = async (...chunks: readonly (string | Buffer)[]): Promise<void> => {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
    for (const chunk of chunks) socket.write(chunk)
    if (chunks.length === 0) socket.resetAndDestroy()
    socket.resume()
    await new Promise((resolve) => socket.on('close', resolve))
  }
  // Connects and resets; connects and is silent.
  await send()
  void send('GET /')
  await send('\u0000\u0001\r\n\r\n')
  await send('GET /%ff?case=%zz&agent=%ff HTTP/1.1\r\n\r\n')
  await send('GET ', Buffer.alloc(1 << 22, 'x'))
  await send('GET /?case=client/closing/code-1000 HTTP/1.1\r\n', Buffer.alloc(1 << 22, 'x: y\r\n'))
  await echo(url)
  const done = await exit
  expect([done.code, verdictsOf(parse(done))]).toEqual([
    1,
    {
      'client/framing/text': 'fail',
      'client/framing/opcode-3': 'fail',
      'client/control/ping': 'pass',
      'client/closing/code-1000': 'warn',
    },
  ])
})

test('runs over HTTP/2', async () => {
  const { url, exit } = await startListening('--http2', '--format', 'json')
  const offer = offerHandshake(url, { httpVersion: '2' })
  const session = connectHttp2(url.replace('ws:', 'http:'))
  onTestFinished(() => session.destroy())
  session.on('error', () => {})
  await once(session, 'remoteSettings')
  for (const _ of ids) {
    await new Promise<void>((resolve, reject) => {
      const endpoint = new Endpoint({ message: (peer, data) => void peer.send(data), gone: () => resolve() })
      connectHttp2Stream(endpoint, session.request(toHttp2Headers(offer.request)), offer).catch(reject)
    })
  }
  const done = await exit
  expect([done.code, verdictsOf(parse(done))]).toEqual([0, allPass])
})
