/** Runs the programs of the guides for users of other libraries: the same steps on the program before and on the one after. */

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, expect, test, vi } from 'vitest'
import { patient, within } from '../peers/support.ts'
import {
  echoServer,
  ended,
  open,
  portOf,
  programs,
  said,
  serve,
  start,
  startProgram,
  statusOf,
} from './guide-programs.ts'
import { read } from './snippets.ts'

vi.setConfig(patient)

describe.each([
  ['docs/from-ws.md: In ws', { path: 400, origin: 401 }],
  ['docs/from-ws.md: In websocket-primitives', { path: 404, origin: 403 }],
])('%s', (name, status) => {
  test('sends each message to all others, and ends on SIGTERM', async () => {
    const [port, program] = await serve(name)
    const url = `ws://127.0.0.1:${port}/chat`
    const [one, two, three] = await Promise.all([
      open(url),
      open(url),
      open(url, { origin: `http://127.0.0.1:${port}` }),
    ])
    const received: unknown[] = []
    one.on('message', (data) => received.push(data))
    const others = Promise.all([two, three].map(said))
    one.send('hello, all')
    expect(await others).toEqual(['hello, all', 'hello, all'])
    const bytes = Promise.all([two, three].map((socket) => within(once(socket, 'message'), 'bytes')))
    one.send(Uint8Array.of(1, 2))
    for (const [data, isBinary] of await bytes) expect([...(data as Buffer), isBinary]).toEqual([1, 2, true])
    expect(received).toEqual([])
    const tooLarge = ended(three)
    three.send(new Uint8Array(1_048_577))
    expect(await tooLarge).toMatch(/^1009/)
    const ends = [one, two].map(ended)
    program.child.kill('SIGTERM')
    expect(await Promise.all(ends)).toEqual(['1001 restart', '1001 restart'])
    expect(await within(program.exited, 'the server to exit')).toEqual([0, null])
  })

  test('refuses other paths and pages of other sites, and survives bad frames', async () => {
    const [port, program] = await serve(name)
    const url = `ws://127.0.0.1:${port}`
    expect(await statusOf(`${url}/elsewhere`)).toBe(status.path)
    for (const origin of ['https://elsewhere.example', 'null'])
      expect(await statusOf(`${url}/chat`, { origin })).toBe(status.origin)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('plain http\n')
    const bad = await open(`${url}/chat`)
    const ends = ended(bad)
    bad.send('unmasked', { mask: false })
    expect(await ends).toMatch(/^1002/)
    await open(`${url}/chat`)
    await program.stop()
  })
})

describe('from-ws.md: with verifyClient and handleProtocols', () => {
  const name = 'docs/from-ws.md: With verifyClient, handleProtocols and addresses'
  const headers = { authorization: 'Bearer open-sesame' }
  const [, ofWs = ''] = /^```javascript\n(.*?)^```$/ms.exec(read('docs/from-ws.md')) ?? []
  const before = `import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
const users = new Map([['Bearer open-sesame', 'Ali']])
const server = createServer((_, response) => response.end('plain http\\n'))
${ofWs}server.listen(8080)`

  test.each([
    ['ws', before],
    ['here', programs.get(name) ?? ''],
  ])('%s: the user, the address and the subprotocol', async (_, program) => {
    const [port, running] = await serve(name, {}, program)
    const url = `ws://127.0.0.1:${port}/`
    for (const [offered, chosen] of [
      [['chat.v1', 'chat.v2'], 'chat.v2'],
      [['chat.v1'], 'chat.v1'],
    ] as const) {
      const socket = await open(url, [...offered], { headers })
      socket.send('hello')
      expect(await said(socket)).toMatch(new RegExp(`^Ali at (::ffff:)?127\\.0\\.0\\.1 over ${chosen}: hello$`))
    }
    await open(url, { headers })
    expect(await statusOf(url)).toBe(401)
    await running.stop()
  })

  test.each([
    ['a choice of `false`', 'offered.includes(name))', 'offered.includes(name)) ?? false'],
    ['a 401 without `WWW-Authenticate`', "401, { headers: { 'WWW-Authenticate': 'Bearer' } }", '401'],
  ])('%s is a 500', async (_, written, wrong) => {
    const program = programs.get(name) ?? ''
    expect(program).toContain(written)
    // Its complaint is not printed: a program that prints one fails its test.
    const silent = program.replace('console.error(error)', '{}')
    const [port, running] = await serve(name, {}, silent.replace(written, wrong))
    expect(await statusOf(`ws://127.0.0.1:${port}/`, wrong === '401' ? {} : { headers })).toBe(500)
    await running.stop()
  })
})

test('from-ws.md: the client sends, prints and closes', async () => {
  const server = await echoServer({ handleProtocols: (offered) => [...offered][0] ?? false })
  const requests: (string | undefined)[] = []
  server.on('connection', (_, { url, headers }) => requests.push(url, headers.authorization))
  const { child, exited } = start('docs/from-ws.md: Options of the client', {
    'ws://localhost:8080/chat': `ws://127.0.0.1:${portOf(server)}/chat`,
  })
  const [output] = await within(Promise.all([text(child.stdout), exited]), 'the client to exit')
  expect(output).toBe('hello\n1000 \n')
  expect(requests).toEqual(['/chat', 'Bearer open-sesame'])
})

/** The program before of each section of moving.md: its language is `javascript`, so that it counts as one of another library. */
function programBefore(heading: string): string {
  const [, section = ''] = read('docs/moving.md').split(`\n## ${heading}\n`)
  const [, program] = /^```javascript\n(.*?)^```$/ms.exec(section) ?? []
  if (program === undefined) throw new Error(`${heading} has no program before`)
  return program
}

describe('moving.md', () => {
  test.each([
    ['before, of websocket-driver', programBefore('From websocket-driver')],
    ['after, of websocket-driver', programs.get('docs/moving.md: From websocket-driver')],
    ['after, of websockets', programs.get('docs/moving.md: From websockets (Python)')],
  ])('the server %s echoes', async (name, program) => {
    const [port, running] = await serve(name, {}, program)
    const socket = await open(`ws://127.0.0.1:${port}/`)
    socket.send('Käse')
    expect(await said(socket)).toBe('Käse')
    socket.send(Uint8Array.of(1, 2))
    const [data, isBinary] = await within(once(socket, 'message'), 'bytes')
    expect([...data, isBinary]).toEqual([1, 2, true])
    const ends = ended(socket)
    socket.close(1000)
    expect(await ends).toBe('1000')
    ;(await open(`ws://127.0.0.1:${port}/`)).terminate()
    const last = await open(`ws://127.0.0.1:${port}/`)
    last.send('still there?')
    expect(await said(last)).toBe('still there?')
    await running.stop()
  })

  test.each([
    ['before, of undici', programBefore('From undici')],
    ['after, of undici', programs.get('docs/moving.md: From undici')],
  ])('the client %s sends, prints and closes', async (name, program) => {
    const server = await echoServer()
    const ports = { 'ws://localhost:8080/': `ws://127.0.0.1:${portOf(server)}/` }
    const { child, exited } = startProgram(name, program, ports)
    const [output] = await within(Promise.all([text(child.stdout), exited]), 'the client to exit')
    expect(output).toBe('hello\nclosed 1000\n')
  })

  // The program after is run by `snippets.test.ts`.
  test.skipIf(!existsSync('/usr/lib/python3/dist-packages/wsproto'))('the program before, of wsproto, echoes', () => {
    const [, section = ''] = read('docs/moving.md').split('\n## From wsproto\n')
    const [, before = ''] = /^```python\n(.*?)^```$/ms.exec(section) ?? []
    const client = `
client = WSConnection(ConnectionType.CLIENT)
client.receive_data(receive(client.send(Request(host="a", target="/"))))
client.receive_data(receive(client.send(TextMessage(data="hello")) + client.send(Ping(payload=b"x"))))
client.receive_data(receive(client.send(CloseConnection(code=1000))))
print([type(event).__name__ for event in client.events()])
`
    const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', before + client], { encoding: 'utf8' })
    expect(stdout + stderr).toBe("['AcceptConnection', 'TextMessage', 'Pong', 'CloseConnection']\n")
  })

  test('the server after, of crossws, sends each text to all others', async () => {
    const [port, running] = await serve('docs/moving.md: From crossws')
    const url = `ws://127.0.0.1:${port}/`
    const [one, two] = [await open(url), await open(url)]
    one.on('message', () => expect.unreachable())
    one.send('hello, all')
    expect(await said(two)).toBe('hello, all')
    const ends = ended(one)
    one.send(Uint8Array.of(1))
    expect(await ends).toBe('1003 texts only')
    await running.stop()
  })
})
