/**
 * Agents that open or answer in an unusual way. An agent that follows the RFCs fails no case, and one that accepts what it must refuse
 * fails, however it ends the connection.
 */

import { expect, test } from 'vitest'
import { acceptSocket, Endpoint } from '../../src/adapters/node/index.ts'
import { clientCases, serverCases } from '../../src/cases/all.ts'
import { zlib } from '../../src/codec/zlib.ts'
import type { DuplexLike } from '../../src/driver/shapes.ts'
import { computeAccept } from '../../src/index.ts'
import type { Side } from '../../src/testing/case.ts'
import { memoryPair } from '../../src/testing/memory-pair.ts'
import { runCases } from '../../src/testing/run-cases.ts'

/** Returns the verdicts by slug for an agent that gets its end of each connection. */
async function run(
  side: Side,
  slugs: readonly string[],
  agent: (transport: DuplexLike) => void,
): Promise<Readonly<Record<string, string>>> {
  const cases = (side === 'server' ? serverCases : clientCases).filter(({ id }) => slugs.includes(id))
  expect(cases).toHaveLength(slugs.length)
  const open = (): DuplexLike => {
    const [client, server] = memoryPair()
    agent(side === 'server' ? server : client)
    return side === 'server' ? client : server
  }
  const results = await runCases(cases, open, { timeout: 500, subprotocol: 'chat', codec: zlib })
  return Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]))
}

/** Calls `onHead` once with the head, then `onMore` with everything after it. */
function readHead(transport: DuplexLike, onHead: (head: string) => void, onMore: (bytes: Buffer) => void): void {
  let head: string | undefined = ''
  transport.on('error', () => {})
  transport.on('data', (bytes: Uint8Array) => {
    if (head === undefined) return onMore(Buffer.from(bytes))
    head += Buffer.from(bytes).toString('latin1')
    const end = head.indexOf('\r\n\r\n') + 4
    if (end < 4) return
    const [whole, rest] = [head.slice(0, end), Buffer.from(head.slice(end), 'latin1')]
    head = undefined
    onHead(whole)
    if (rest.length > 0) onMore(rest)
  })
}

function acceptHead(request: string): Buffer {
  const key = /sec-websocket-key: (.*)\r\n/i.exec(request)?.[1] ?? ''
  return Buffer.from(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${computeAccept(key)}\r\n\r\n`,
  )
}

const request = Buffer.from(
  'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\r\n',
)

test('a server that reads whole frames only may wait for a frame that never ends', async () => {
  const verdicts = await run('server', ['server/bytes/reopened'], (transport) => {
    let length = 0
    readHead(
      transport,
      (head) => transport.write(acceptHead(head)),
      (bytes) => {
        length += bytes.length
        // "GE" is a header that announces 69 bytes.
        if (length < 71) return
        transport.write(Buffer.from('880203ea', 'hex'))
        transport.end()
      },
    )
  })
  expect(verdicts).toEqual({ 'server/bytes/reopened': 'pass' })
})

test('a server may choose no subprotocol', async () => {
  const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
  const slugs = ['known', 'known-second', 'known-first', 'known-second-line', 'known-after-empty'].map(
    (name) => `server/subprotocol/${name}`,
  )
  const verdicts = await run('server', slugs, (transport) => acceptSocket(endpoint, transport))
  expect(verdicts).toEqual(Object.fromEntries(slugs.map((slug) => [slug, 'warn'])))
})

test('a server may ignore an Upgrade that is a list', async () => {
  const slugs = ['empty-element-before', 'empty-element-after', 'first-of-two', 'second-of-two', 'in-second-line'].map(
    (name) => `server/upgrade/${name}`,
  )
  const verdicts = await run('server', slugs, (transport) => {
    const answer = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
    readHead(
      transport,
      () => transport.write(Buffer.from(answer)),
      () => {},
    )
  })
  expect(verdicts).toEqual(Object.fromEntries(slugs.map((slug) => [slug, 'warn'])))
})

test('a server may refuse an offer with its own error', async () => {
  const slugs = ['server-max-window-bits-8', 'window-with-fallback', 'server-window-quoted-escape', 'plain'].map(
    (name) => `server/deflate-offers/${name}`,
  )
  const verdicts = await run('server', slugs, (transport) => {
    const answer = 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n'
    readHead(
      transport,
      () => transport.write(Buffer.from(answer)),
      () => {},
    )
  })
  expect(verdicts).toEqual(Object.fromEntries(slugs.map((slug) => [slug, 'warn'])))
})

test('a client may accept two lines with the subprotocol that it offered', async () => {
  const verdicts = await run('client', ['client/subprotocol/two-alike'], (transport) => {
    transport.write(request)
    readHead(
      transport,
      () => {},
      () => {
        transport.write(Buffer.from('88820000000003e8', 'hex'))
        transport.end()
      },
    )
  })
  expect(verdicts).toEqual({ 'client/subprotocol/two-alike': 'warn' })
})

test('a client that checks nothing fails, although it ends without a Close', async () => {
  const slugs = [
    'client/upgrade/missing',
    'client/connection/missing',
    'client/accept/other-key',
    'client/extensions/not-offered',
    'client/status/200',
    'client/bytes/bad-frame-after-head',
  ]
  const verdicts = await run('client', slugs, (transport) => {
    transport.write(request)
    readHead(
      transport,
      () => {},
      (bytes) => {
        const ping = bytes.indexOf(Buffer.from('8905', 'hex'))
        if (ping >= 0)
          transport.write(Buffer.concat([Buffer.from('8a8500000000', 'hex'), bytes.subarray(ping + 2, ping + 7)]))
        if (bytes.includes(Buffer.from('880203e8', 'hex'))) transport.end()
      },
    )
  })
  expect(verdicts).toEqual(Object.fromEntries(slugs.map((slug) => [slug, 'fail'])))
})

test('a server that answers pings while it inflates has time for its error', async () => {
  const verdicts = await run('server', ['server/deflate-faults/utf-8-ff'], (transport) => {
    let [heard, ended] = ['', false]
    const end = (close: string): void => {
      if (ended) return
      ended = true
      transport.write(Buffer.from(close, 'hex'))
      transport.end()
    }
    readHead(
      transport,
      (head) => {
        const field = 'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n'
        transport.write(Buffer.from(`${acceptHead(head).toString('latin1').slice(0, -2)}${field}`, 'latin1'))
      },
      (bytes) => {
        heard += bytes.toString('hex')
        // A masked ping "fence", and a masked Close with 1000.
        if (heard.includes('898537fa213d519f4f5e52') && !ended) {
          transport.write(Buffer.from('8a0566656e6365', 'hex'))
          setTimeout(end, 5, '880203ef')
        }
        if (heard.includes('888237fa213d3412')) end('880203e8')
      },
    )
  })
  expect(verdicts).toEqual({ 'server/deflate-faults/utf-8-ff': 'pass' })
})

test('a server may send an unsolicited pong', async () => {
  const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
  const slugs = serverCases.filter(({ id }) => /^server\/(?:control|masking)\//.test(id)).map(({ id }) => id)
  const verdicts = await run('server', slugs, (transport) => {
    const { write } = transport
    transport.write = (chunk, ...rest) => {
      transport.write = write
      return write.call(transport, Buffer.concat([chunk, Buffer.from('8a00', 'hex')]), ...rest)
    }
    acceptSocket(endpoint, transport)
  })
  expect(Object.entries(verdicts).filter(([, verdict]) => verdict !== 'pass')).toEqual([])
})
