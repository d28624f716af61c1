/**
 * nginx in front of our server, and pages in Chromium: its default `Host`, and what the guide on proxies says about it, with the guide's
 * configuration and options unchanged.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'
import { open, openPage, startChromium } from './devtools.mjs'
import { expectNothingLeft } from './support.mjs'

const guide = await readFile(new URL('../../docs/proxies.md', import.meta.url), 'utf8')
const [location] = /^location .*?^}$/ms.exec(guide)
const [, allowed] = /new Endpoint\((\{ handshake: \{ origins: .* \} \})\)/.exec(guide)
const [complaint] = /^origin ".*$/m.exec(guide)

/** The guide's configuration without one of its lines, or with that line replaced. */
function replaced(line, other = '') {
  assert.ok(location.includes(line))
  return location.replace(line, other)
}
/** The guide's body of a 403, with other names. */
const explain = (origin, host) =>
  `${complaint.replace('https://app.example', origin).replace('127.0.0.1:8080', host)}\n`
const passHost = 'proxy_set_header Host $http_host;'

let browser
before(async () => {
  browser = await startChromium()
})
after(() => browser.stop())
expectNothingLeft()

async function findFreePort() {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Starts nginx: `/chat` as configured, everything else as it does by default. Returns its port. */
async function startNginx(context, port, chat) {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'))
  const own = await findFreePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`)
  const config = `
    daemon off;
    master_process off;
    pid nginx.pid;
    error_log stderr crit;
    events { worker_connections 64; }
    http {
      access_log off;
      ${temporary.join(' ')}
      server {
        listen 127.0.0.1:${own};
        ${chat.replace('127.0.0.1:8080', `127.0.0.1:${port}`)}
        location / { proxy_pass http://127.0.0.1:${port}; }
      }
    }`
  await writeFile(join(folder, 'nginx.conf'), config)
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]
  const child = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  context.after(async () => {
    child.kill()
    await exited
    await rm(folder, { recursive: true })
  })
  while (!(await listens(own))) {
    assert.equal(child.exitCode, null)
    await sleep(10)
  }
  return own
}

async function listens(port) {
  const socket = connect(port, '127.0.0.1')
  const reached = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return reached
}

/** An echo server behind nginx. `page` runs in a browser, and has been loaded through nginx; `other` is a page of another site. */
async function serve(context, chat, optionsFor = () => ({})) {
  let endpoint
  const server = createServer((_, response) =>
    response.setHeader('Content-Type', 'text/html').end('<title>A page</title>'),
  )
  server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const own = await startNginx(context, port, chat)
  const origin = `http://127.0.0.1:${own}`
  endpoint = new Endpoint({ message: (peer, data) => peer.send(data), ...optionsFor(origin, port) })
  const peer = await open(browser.url)
  const [page, other] = [await openPage(peer, origin), await openPage(peer, `http://localhost:${port}`)]
  context.after(async () => {
    peer.terminate()
    server.close()
    await endpoint.close()
    server.closeAllConnections()
  })
  return { origin, port, own, page, other }
}

/** The outcome of a page's WebSocket: the echo of a text, or the code of its end. */
const converse = (page, own) =>
  page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket('ws://127.0.0.1:${own}/chat')
    socket.onopen = () => socket.send('hello, 世界')
    socket.onmessage = ({ data }) => resolve(data)
    socket.onclose = ({ code }) => resolve(code)
  })`)

/** The answer to a page's request, read without a browser, because browsers do not show it. */
async function ask(own, origin) {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    Origin: origin,
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const [response] = await once(get({ port: own, host: '127.0.0.1', path: '/chat', headers }), 'response')
  let body = ''
  for await (const text of response.setEncoding('utf8')) body += text
  return [response.statusCode, body]
}

describe('nginx’s default Host', () => {
  test('gives every page another host, and the answer says why', async (context) => {
    const { origin, port, own, page } = await serve(context, replaced(passHost))
    assert.equal(await converse(page, own), 1006)
    assert.deepEqual(await ask(own, origin), [403, explain(origin, `127.0.0.1:${port}`)])
  })

  test('does not matter if the origins of the pages are listed', async (context) => {
    const optionsFor = (origin) => new Function(`return ${allowed.replace('https://app.example', origin)}`)()
    const { own, page, other } = await serve(context, replaced(passHost), optionsFor)
    assert.equal(await converse(page, own), 'hello, 世界')
    assert.equal(await converse(other, own), 1006)
  })

  test('is what `hosts` would have to list', async (context) => {
    const optionsFor = (origin) => ({ handshake: { hosts: [new URL(origin).host], origins: [origin] } })
    const { origin, own } = await serve(context, replaced(passHost), optionsFor)
    assert.equal((await ask(own, origin))[0], 421)
    const { own: better, page } = await serve(context, replaced(passHost), (origin, port) => ({
      handshake: { hosts: [`127.0.0.1:${port}`], origins: [origin] },
    }))
    assert.equal(await converse(page, better), 'hello, 世界')
  })
})

describe('the guide’s configuration', () => {
  test('lets the pages of this host connect, but no others', async (context) => {
    const { own, page, other } = await serve(context, location)
    assert.equal(await converse(page, own), 'hello, 世界')
    assert.equal(await converse(other, own), 1006)
  })

  test('does not work with $host, which omits the port', async (context) => {
    const { origin, own, page } = await serve(context, replaced('$http_host', '$host'))
    assert.equal(await converse(page, own), 1006)
    assert.deepEqual(await ask(own, origin), [403, explain(origin, '127.0.0.1')])
  })
})
