// `test server` as a process: against good servers, bad servers and none, with everything that CI needs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttp2 } from 'node:http2'
import { connect, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { acceptHttp2Stream, type EndpointOptions } from '../../src/adapters/node/index.ts'
import { computeAccept } from '../../src/handshake/key.ts'
import { getHeader, getHeaders } from '../../src/http/index.ts'
import { refuseUpgrade } from '../../src/http/upgrade-server.ts'
import type { Report } from '../../src/testing/result.ts'
import { listen, listenHttps } from '../driver/hosts.ts'
import { patient } from '../peers/support.ts'
import {
  caseFile,
  echoEndpoint,
  makeFolder,
  run,
  runJson,
  serve,
  serveRaw,
  smallCases,
  start,
  verdictsOf,
  writeJson,
} from './support.ts'

vi.setConfig(patient)

const allPass = {
  'server/framing/text': 'pass',
  'server/framing/opcode-3': 'pass',
  'server/control/ping': 'pass',
  'server/closing/code-1000': 'pass',
}

/** A server that fails one case and gets a warning in another. */
function serveBadly(): Promise<string> {
  return serve({
    autoPong: false,
    autoClose: false,
    event(peer, { type }) {
      if (type === 'ping') peer.close(4001)
      if (type === 'close') peer.close(4000)
    },
  })
}

test('exits with 0 and prints one report if the server passes', async () => {
  const { code, report, stderr } = await runJson('test', 'server', await serve(), '--cases', caseFile('server'))
  expect(verdictsOf(report)).toEqual(allPass)
  expect([code, stderr, report.seed, report.side]).toEqual([0, '', 1, 'server'])
})

test('chooses cases by pattern, --skip and --level, and names the agent with its version', async () => {
  const url = await serve()
  const cases = caseFile('server')
  const idsOf = async (...args: string[]): Promise<string[]> =>
    Object.keys(verdictsOf((await runJson('test', 'server', url, '--cases', cases, ...args)).report))
  expect(await idsOf('framing', '2.1')).toEqual([
    'server/framing/text',
    'server/framing/opcode-3',
    'server/control/ping',
  ])
  expect(await idsOf('*', '--skip', '§5.5', '--skip', 'framing/*')).toEqual(['server/closing/code-1000'])
  expect(await idsOf('--level', 'must', '--skip', 'server/framing')).toEqual(['server/control/ping'])
  const { report } = await runJson('test', 'server', url, 'framing/text', '--cases', cases, '--agent', 'echo/1.2.3')
  expect(report.agent).toEqual({ name: 'echo', version: '1.2.3' })
})

test('exits with 1 for a failure, and for a warning only with --strict', async () => {
  const url = await serveBadly()
  const cases = caseFile('server')
  const all = await runJson('test', 'server', url, '--cases', cases)
  expect(verdictsOf(all.report)).toEqual({
    ...allPass,
    'server/control/ping': 'fail',
    'server/closing/code-1000': 'warn',
    'server/framing/text': 'fail',
  })
  expect(all.code).toBe(1)
  const closing = ['test', 'server', url, 'closing', '--cases', cases, '--quiet']
  expect(await run(...closing)).toEqual({ code: 0, stdout: '', stderr: '' })
  expect((await run(...closing, '--strict')).code).toBe(1)
})

test('fails only for changes of the expected failures, which --update-expected writes', async () => {
  const bad = await serveBadly()
  const cases = caseFile('server')
  const expected = join(makeFolder(), 'expected.json')
  const test = (url: string, ...args: string[]) =>
    run('test', 'server', url, '--cases', cases, '--expected', expected, ...args)
  expect(await test(bad, '--quiet')).toEqual({
    code: 2,
    stdout: '',
    stderr: `--expected ${expected} does not exist: write it with --update-expected\n`,
  })
  expect((await test(bad, '--quiet', '--update-expected')).code).toBe(0)
  expect(readFileSync(expected, 'utf8')).toBe(
    '{\n  "server/control/ping": "fail",\n  "server/framing/text": "fail"\n}\n',
  )
  expect((await test(bad, '--quiet')).code).toBe(0)
  // A mended failure is a change too.
  const fixed = await test(await serve())
  expect(fixed.code).toBe(1)
  expect(fixed.stdout).toContain('2 problems')
  const mended = 'Expected fail by the file of expected failures, but it is pass, so run with --update-expected: It'
  expect(fixed.stdout).toMatch(new RegExp(`^PASS server/control/ping .*\\n.*\\n  actual    ${mended} answered`, 'm'))
  for (const [format, start] of [
    ['markdown', '**pass** server/control/ping: '],
    ['junit', '<failure type="must" message="'],
  ] as const)
    expect((await test(await serve(), '--format', format)).stdout).toContain(start + mended)
  // So is a failure that is not in the file.
  writeFileSync(expected, JSON.stringify({ 'server/control/ping': 'fail' }))
  const more = await test(bad, '--brief')
  expect(more.code).toBe(1)
  expect(more.stdout).toMatch(
    /^FAIL \(expected\) server\/control\/ping: .*\n\nFAIL server\/framing\/text: New, not in the file of expected failures: /m,
  )
  // A reason stays while the verdict is the same.
  writeFileSync(expected, JSON.stringify({ 'server/control/ping': { verdict: 'fail', reason: 'issue 12' } }))
  expect((await test(bad, '--quiet')).code).toBe(1)
  expect((await test(bad, '--quiet', '--update-expected', '--strict')).code).toBe(0)
  expect(JSON.parse(readFileSync(expected, 'utf8'))).toEqual({
    'server/closing/code-1000': 'warn',
    'server/control/ping': { verdict: 'fail', reason: 'issue 12' },
    'server/framing/text': 'fail',
  })
})

test('--update-expected removes and reports slugs that no longer exist, except those of the other side', async () => {
  const expected = writeJson({
    'server/control/ping': 'fail',
    'server/control/gone': { verdict: 'fail', reason: 'issue 12' },
    'control/ping': 'fail',
    'client/control/gone': 'fail',
    'client/control/ping': 'warn',
  })
  // None of these cases runs, and entries of cases that were not run stay.
  const args = ['framing/text', '--cases', caseFile('server'), '--quiet', '--expected', expected, '--update-expected']
  expect(await run('test', 'server', await serve(), ...args)).toEqual({
    code: 0,
    stdout: '',
    stderr: ['server/control/gone', 'control/ping']
      .map((id) => `${expected}: ${id} was removed, because there is no such case any more.\n`)
      .concat(`${expected} now has 3 expected failures.\n`)
      .join(''),
  })
  expect(JSON.parse(readFileSync(expected, 'utf8'))).toEqual({
    'client/control/gone': 'fail',
    'client/control/ping': 'warn',
    'server/control/ping': 'fail',
  })
})

test('writes a file in each format, chosen by its ending', async () => {
  const folder = makeFolder()
  const files = ['a.json', 'a.xml', 'a.md', 'a.html', 'a.txt'].map((name) => join(folder, name))
  const outputs = files.flatMap((file) => ['--output', file])
  const { code, stdout } = await run('test', 'server', await serve(), '--cases', caseFile('server'), ...outputs)
  const texts = files.map((file) => readFileSync(file, 'utf8'))
  expect(code).toBe(0)
  expect(texts.map((text) => text.trimStart().slice(0, 5))).toEqual(['{\n "f', '<?xml', '## ws', '<!doc', 'ws://'])
  expect(texts[4]).toBe(stdout)
})

test('sends the path with its query, the extra fields and the user in every request', async () => {
  const seen = new Set<string>()
  const url = await serve({
    request(pending) {
      const { target, headers } = pending.request
      const values = headers.filter(([name]) => /^(host|authorization|x-.*)$/i.test(name))
      seen.add(JSON.stringify([target, ...values]))
      pending.accept()
    },
  })
  const { host } = new URL(url)
  const { code } = await run(
    ...['test', 'server', `http://me:p%C3%A9@${host}/a/b?c=d`, '--cases', caseFile('server'), '--quiet'],
    ...['--header', 'X-One: 1', '--header', 'x-one: 2'],
  )
  expect(code).toBe(0)
  expect([...seen].map((text) => JSON.parse(text))).toEqual([
    ['/a/b?c=d', ['Host', host], ['authorization', 'Basic bWU6cMOp'], ['x-one', '1'], ['x-one', '2']],
  ])
})

test.each(['http/1.1', 'http/2'])(
  'reports of %s contain no password, and no value of an extra field',
  async (carrier) => {
    const files = ['json', 'xml', 'md', 'html', 'txt'].map((format) => join(makeFolder(), `report.${format}`))
    // A failure, so that each report has a transcript.
    const twice: EndpointOptions['message'] = (peer, data) => {
      for (const each of data === 'hello' ? [data, data] : [data]) peer.send(each)
    }
    const endpoint = echoEndpoint({ message: twice })
    const url = carrier === 'http/1.1' ? await serve({ message: twice }) : await serveHttp2(true, endpoint)
    const { code, stdout, stderr } = await run(
      ...['test', 'server', `${url.replace('//', '//alice:hunter2@')}?room=1`, '--cases', caseFile('server')],
      ...['--header', 'Cookie: sid=top-secret', '--header', 'X-Key: tëp-secret', '--chunks', '7'],
      ...files.flatMap((file) => ['--output', file]),
      ...(carrier === 'http/2' ? ['--http2'] : []),
    )
    expect([stderr, code]).toEqual(['', 1])
    const texts = files.map((file) => readFileSync(file, 'utf8'))
    const secrets = ['alice', 'hunter2', 'top-secret', 'p-secret', Buffer.from('alice:hunter2').toString('base64')]
    for (const text of [...texts, stdout, stderr])
      for (const secret of secrets) {
        const hex = Buffer.from(secret).toString('hex')
        for (const form of [secret, hex, hex.replace(/..(?!$)/g, '$& ')]) expect(text).not.toContain(form)
      }
    for (const text of [texts[1], texts[4], stdout]) expect(text).toContain(`${url}?room=1`)
    const { agent, results } = JSON.parse(texts[0] as string) as Report
    expect(agent).toEqual({ name: `${url}?room=1` })
    for (const { transcript } of results) {
      const notes = transcript.filter(({ from }) => from === 'suite').flatMap((entry) => entry.notes)
      for (const name of ['authorization', 'cookie', 'x-key']) expect(notes).toContain(`${name}: …`)
    }
  },
)

test('reports contain no password and no value of an extra field if the lines of a head end in LF', async () => {
  const url = (await serve()).replace('//', '//alice:hunter2@')
  const { report, stdout } = await runJson('test', 'server', url, '*bare-lf*', '--header', 'Cookie: sid=top-secret')
  const notes = report.results.flatMap(({ transcript }) => transcript.flatMap((entry) => entry.notes))
  expect(notes).toContainEqual(expect.stringContaining('cookie: …\nHost: '))
  for (const secret of ['top-secret', Buffer.from('alice:hunter2').toString('base64')]) {
    expect(stdout).not.toContain(secret)
    expect(stdout).not.toContain(Buffer.from(secret).toString('hex'))
  }
})

test.each(['http/1.1', 'http/2'])('replaces the host over %s by `--header Host`', async (carrier) => {
  const seen = new Set<string | undefined>()
  const request: EndpointOptions['request'] = (pending) => {
    seen.add(pending.request.authority ?? getHeaders(pending.request.headers, 'host').join())
    pending.accept({ origins: 'any' })
  }
  const isHttp2 = carrier === 'http/2'
  const url = isHttp2 ? await serveHttp2(true, echoEndpoint({ request })) : await serve({ request })
  const args = ['--cases', caseFile('server'), '--header', 'host: pub.example', ...(isHttp2 ? ['--http2'] : [])]
  const { code, report } = await runJson('test', 'server', url, ...args)
  expect([code, verdictsOf(report), [...seen]]).toEqual([0, allPass, ['pub.example']])
})

test('sends the extra fields in cases that write their whole head, too', async () => {
  const cases = ['server/fields', 'server/bytes', '--format', 'json']
  const open = await run('test', 'server', await serve(), ...cases)
  const url = await serve({
    request(pending) {
      if (getHeader(pending.request.headers, 'authorization') === 'Bearer open-sesame') pending.accept()
      else pending.refuse(refuseUpgrade(401, { headers: { 'WWW-Authenticate': 'Bearer' } }))
    },
  })
  const closed = await run('test', 'server', url, ...cases, '--header', 'Authorization: Bearer open-sesame')
  expect(verdictsOf(JSON.parse(closed.stdout))).toEqual(verdictsOf(JSON.parse(open.stdout)))
  expect([open.code, closed.code]).toEqual([0, 0])
})

test("an extra field is sent after the start line, with its line's end, unless the case has its own", async () => {
  const heads = new Map<string, string>()
  const url = await serveRaw((socket) =>
    socket.once('data', (chunk) => {
      const head = chunk.toString('latin1')
      heads.set(head.split(' ')[1] ?? '', head)
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    }),
  )
  const raws = {
    crlf: 'GET /crlf HTTP/1.1\r\nHost: a\r\n\r\n',
    lf: 'GET /lf HTTP/1.1\nHost: a\n\n',
    own: 'GET /own HTTP/1.1\r\nx-one : 0\r\n\r\n',
    words: 'HELO /words\r\n\r\n',
  }
  const cases = Object.entries(raws).map(([name, raw]) => ({
    ...smallCases('server')[0],
    id: `server/raw/${name}`,
    carriers: ['http/1.1'],
    needs: [],
    steps: [{ do: 'open', raw, wait: false }, { do: 'end' }],
  }))
  const file = writeJson({ format: 1, cases })
  await run('test', 'server', url, '--cases', file, '--quiet', '--header', 'X-One: 1', '--header', 'X-One: 2')
  expect([...heads].filter(([path]) => path !== '/').sort()).toEqual([
    ['/crlf', 'GET /crlf HTTP/1.1\r\nx-one: 1\r\nx-one: 2\r\nHost: a\r\n\r\n'],
    ['/lf', 'GET /lf HTTP/1.1\nx-one: 1\nx-one: 2\nHost: a\n\n'],
    ['/own', raws.own],
    ['/words\r\n\r\n', raws.words],
  ])
})

test('accepts any certificate over TLS with --insecure', async () => {
  const url = `wss://localhost:${await listenHttps(echoEndpoint())}/`
  const args = ['test', 'server', url, '--cases', caseFile('server'), '--quiet']
  expect(await run(...args)).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^There is no server to test: .*certificate; --insecure accepts any certificate\n$/),
  })
  expect((await run(...args, '--insecure')).code).toBe(0)
})

async function serveHttp2(enableConnectProtocol: boolean, endpoint = echoEndpoint()): Promise<string> {
  const server = createHttp2({ settings: { enableConnectProtocol } })
  server.on('stream', (stream, headers) => acceptHttp2Stream(endpoint, stream, headers))
  return `http://127.0.0.1:${await listen(server)}/`
}

test('runs over HTTP/2 if the server announces it', async () => {
  const args = ['--http2', '--cases', caseFile('server')]
  const { code, report } = await runJson('test', 'server', await serveHttp2(true), ...args)
  expect([code, verdictsOf(report)]).toEqual([0, allPass])
  expect(new Set(report.results.map(({ carrier }) => carrier))).toEqual(new Set(['http/2']))
  expect(await run('test', 'server', await serveHttp2(false), ...args)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('SETTINGS_ENABLE_CONNECT_PROTOCOL'),
  })
})

test('says how a server refused a WebSocket over HTTP/2', async () => {
  const url = await serveHttp2(true, echoEndpoint({ request: (pending) => pending.refuse(refuseUpgrade(404)) }))
  const { code, stderr } = await run('test', 'server', url, '--http2', '--cases', caseFile('server'))
  expect([code, stderr]).toEqual([2, expect.stringContaining('The server opened no WebSocket at /: it answered')])
})

test.each(['HTTP/1.1', 'HTTP/2'])(
  'reports a server that does not echo over %s, and skips the cases that need an echo',
  async (carrier) => {
    const isHttp2 = carrier === 'HTTP/2'
    const silent = { message: () => {} }
    const url = isHttp2 ? await serveHttp2(true, echoEndpoint(silent)) : await serve(silent)
    const args = [
      'test',
      'server',
      url,
      ...(isHttp2 ? ['--http2'] : []),
      '--cases',
      caseFile('server'),
      '--timeout',
      '1000',
    ]
    const { code, report, stderr } = await runJson(...args)
    expect(verdictsOf(report)).toEqual({ ...allPass, 'server/framing/text': 'skip' })
    expect([code, stderr]).toEqual([
      0,
      'The server does not echo a text, so the cases that need an echo are skipped.\n',
    ])
    expect(await runJson(...args, '--no-echo')).toMatchObject({ code: 0, stderr: '' })
  },
)

test.each<[what: string, answer: NonNullable<EndpointOptions['message']>]>([
  ['other bytes', (peer, data) => void peer.send(typeof data === 'string' ? `${data}!` : data)],
  ['the other type', (peer, data) => void peer.send(Buffer.from(data as string))],
  ['each message twice', (peer, data) => void [data, data].map((each) => peer.send(each))],
])('runs and fails the cases that need an echo if the server sends back %s', async (_, message) => {
  const args = ['framing', '--cases', caseFile('server'), '--timeout', '1000']
  const { code, report, stderr } = await runJson('test', 'server', await serve({ message }), ...args)
  expect([code, verdictsOf(report)['server/framing/text']]).toEqual([1, 'fail'])
  expect(stderr).toBe('The server answers a text with another message. If it is not meant to echo, use --no-echo.\n')
})

test('does not treat a server that ends the connection as one without an echo', async () => {
  const url = await serveRaw((socket) => void socket.resume().end())
  const { code, stderr } = await runJson('test', 'server', url, 'framing/text', '--cases', caseFile('server'))
  expect([code, stderr]).toEqual([1, ''])
})

test('does not treat a server that sends endless messages as one without an echo', async () => {
  const url = await serveRaw((socket) => {
    socket.once('data', (head: Buffer) => {
      const key = /Sec-WebSocket-Key: (.*)\r/.exec(head.toString('latin1'))?.[1] ?? ''
      const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${computeAccept(key)}`
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`)
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, Buffer.of(0x82, 0))));
      }
      socket.on('drain', more)
      more()
    })
  })
  const { code, report } = await runJson('test', 'server', url, 'framing/text', '--cases', caseFile('server'))
  expect([code, verdictsOf(report)]).toEqual([1, { 'server/framing/text': 'fail' }])
})

test('finds an output that cannot be written before the run', async () => {
  const folder = makeFolder()
  const args = ['test', 'server', 'ws://127.0.0.1:1/', '--cases', caseFile('server')]
  for (const [option, file] of [
    ['--output', join(folder, 'not', 'a.json')],
    ['--expected', join(folder, 'not', 'expected.json')],
  ] as const)
    expect(await run(...args, '--update-expected', '--expected', join(folder, 'e.json'), option, file)).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^\S+ cannot be written: ENOENT/),
    })
  const page = join(folder, 'page.html')
  mkdirSync(page)
  for (const output of [page, join(folder, 'other.html/')])
    expect(await run(...args, '--output', output)).toEqual({
      code: 2,
      stdout: '',
      stderr: `${output} cannot be written: it is a folder\n`,
    })
})

test('prints one message and exits with 2 if there is no server', async () => {
  const cases = ['--cases', caseFile('server'), '--timeout', '150']
  const gone = await serveRaw(() => {})
  const { port } = new URL(gone)
  const silent = await serveRaw(() => {})
  const plain = await serveRaw((socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'))
  expect(await run('test', 'server', silent, ...cases)).toEqual({
    code: 2,
    stdout: '',
    stderr: 'The server did not answer a valid request within 1000 ms.\n',
  })
  expect(await run('test', 'server', `${plain}chat`, ...cases)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^The server opened no WebSocket at \/chat: it answered HTTP\/1\.1 403 .*\n$/),
  })
  expect(await run('test', 'server', `ws://127.0.0.1:${Number(port) === 1 ? 2 : 1}/`, ...cases)).toEqual({
    code: 2,
    stdout: '',
    stderr: 'There is no server to test: connect ECONNREFUSED 127.0.0.1:1\n',
  })
})

test.each([
  ['--http2', (url: string) => url, 'the server does not understand HTTP/2: leave out --http2'],
  ['wss:', (url: string) => url.replace('ws:', 'wss:'), 'the server does not use TLS: use ws: or http:'],
])('says that a server does not speak the protocol of %s', async (option, urlOf, message) => {
  const url = urlOf(await serve())
  const { code, stderr } = await run('test', 'server', url, ...(option === '--http2' ? [option] : []))
  expect([code, stderr]).toEqual([2, `There is no server to test: ${message}\n`])
})

/** Passes the first `good` connections on to a good server. */
async function serveWith(good: number, answer: (socket: Socket, server: Server) => void): Promise<string> {
  const { port } = new URL(await serve())
  let count = 0
  return serveRaw((socket, server) => {
    if (++count > good) return answer(socket, server)
    const inner = connect(Number(port), '127.0.0.1')
    socket.pipe(inner).on('error', () => socket.destroy())
    inner.pipe(socket)
  })
}

test.each<[what: string, answer: (socket: Socket) => void]>([
  ['never answers', () => {}],
  ['answers garbage', (socket) => socket.end('\u0000\u001b[31m\r\n\r\n')],
  ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy())],
  [
    'sends without end',
    (socket) => {
      const chunk = Buffer.alloc(1 << 20, 'x')
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
        socket.once('drain', more)
      }
      more()
    },
  ],
])('fails each case, and does nothing worse, if the server %s', async (_, answer) => {
  const url = await serveWith(2, answer)
  const args = ['framing', '--cases', caseFile('server'), '--timeout', '1000', '--parallel', '1']
  const { code, report } = await runJson('test', 'server', url, ...args)
  expect(code).toBe(1)
  expect(Object.values(verdictsOf(report))).toEqual(['pass', 'fail'])
})

test('reports an error for each case that could not be run because the server died', async () => {
  const url = await serveWith(3, (socket, server) => {
    server.close()
    socket.destroy()
  })
  const args = ['--cases', caseFile('server'), '--parallel', '1']
  const { code, report } = await runJson('test', 'server', url, ...args)
  expect([code, ...Object.values(verdictsOf(report))]).toEqual([1, 'pass', 'pass', 'fail', 'error'])
})

test('reports where a server ended and how many cases were not run, without a list', async () => {
  const url = await serveWith(5, (socket, server) => {
    server.close()
    socket.destroy()
  })
  const { code, stdout, stderr } = await run('test', 'server', url, 'upgrade', 'connection', '--parallel', '1')
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^Stopped: the last 20 cases could not be run\. No connection: .*\nThe last case that could be run was server\/upgrade\/\S+\. With --parallel 1, that is the case in which the agent ended\.\n/,
    ),
  ])
  expect(stdout).toMatch(/\n\nERROR 20 cases: No connection: .*\nERROR \d+ cases: The run was stopped\.\n\n\d+ error/)
  expect(stdout.match(/^ERROR/gm)).toHaveLength(2)
})

test('prints the results so far after Ctrl-C, with the other cases as errors', async () => {
  let stuck = false
  const url = await serveWith(3, () => {
    stuck = true
  })
  const args = ['--cases', caseFile('server'), '--timeout', '60000', '--parallel', '1', '--format', 'json']
  const { child, exit } = start('test', 'server', url, ...args)
  await vi.waitFor(() => expect(stuck).toBe(true), 10_000)
  child.kill('SIGINT')
  const { code, stdout, stderr } = await exit
  expect([code, stderr]).toEqual([130, '2 of 4 cases were run.\n'])
  const report: Report = JSON.parse(stdout)
  expect(report.results.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['pass', expect.anything()],
    ['pass', expect.anything()],
    ['error', 'The run was stopped.'],
    ['error', 'The run was stopped.'],
  ])
})
