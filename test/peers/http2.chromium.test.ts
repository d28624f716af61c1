/**
 * A real browser opens WebSockets over HTTP/2: it does so once a page of the same origin was loaded over HTTP/2 and the server has
 * announced extended CONNECT. The server confirms it, since it received the extended CONNECT.
 */

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ConnectionEvent, type RequestHead, toHeaderRecord } from '../../src/index.ts'
import { launchChromium, missingChromium } from './chromium.ts'
import { agree, converse, echoSizes } from './chromium-page.ts'
import { type Http2Example, type Http2Server, serveHttp2, startHttp2Example } from './http2-host.ts'
import { describePeer, type Host, Inbox, MULTI_BYTE, patient, sizes } from './support.ts'

vi.setConfig(patient)

const offered = 'permessage-deflate; client_max_window_bits'

describePeer('Chromium over HTTP/2', missingChromium, () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await launchChromium()
    page = await browser.newPage({ ignoreHTTPSErrors: true })
  })
  afterAll(() => browser.close())

  async function goTo(host: Host): Promise<void> {
    expect((await page.goto(host.url.replace('wss:', 'https:')))?.status()).toBe(200)
    const protocol = await page.evaluate(() => {
      const [entry] = performance.getEntriesByType('navigation')
      return (entry as PerformanceNavigationTiming).nextHopProtocol
    })
    expect(protocol).toBe('h2')
  }

  describe('on a page of examples/echo-node-http2.mjs', () => {
    let server: Http2Example
    beforeAll(async () => {
      server = await startHttp2Example()
      await goTo(server)
    })
    afterAll(() => server.stop())

    /** What the server saw: the requested path, over HTTP/2, and how that WebSocket ended. */
    async function expectSeen(path: string, closed: string): Promise<void> {
      expect(await server.log.next('an extended CONNECT')).toBe(`HTTP/2 ${path} ${offered}`)
      expect(await server.log.next('its end')).toBe(`closed ${closed}`)
    }

    test('gets text and binary messages back, from empty to 1 MiB, compressed', async () => {
      expect(await echoSizes(page, `${server.url}sizes`)).toEqual(
        sizes.flatMap((size) => [`text ${size}`, `binary ${size}`]),
      )
      await expectSeen('/sizes', '1000 ')
      expect(await agree(page, `${server.url}agree`, [])).toEqual({ protocol: '', extensions: 'permessage-deflate' })
      await expectSeen('/agree', '1000 ')
    })

    test('gets every character back, including a leading BOM', async () => {
      const text = `\uFEFF${MULTI_BYTE}`
      const expected = { events: [text], code: 1000, reason: '', wasClean: true }
      expect(await converse(page, `${server.url}characters?a=b`, text, 1000)).toEqual(expected)
      await expectSeen('/characters?a=b', '1000 ')
    })

    test.each([1000, 3000, 4999])('closes with %i and gets that code back', async (code) => {
      const expected = { events: ['Hello'], code, reason: '', wasClean: true }
      expect(await converse(page, `${server.url}${code}`, 'Hello', code, 'that was all, 再见')).toEqual(expected)
      await expectSeen(`/${code}`, `${code} that was all, 再见`)
    })

    test('closes without a code and receives 1005', async () => {
      const expected = { events: ['Hello'], code: 1005, reason: '', wasClean: true }
      expect(await converse(page, `${server.url}none`, 'Hello', 0)).toEqual(expected)
      await expectSeen('/none', '1005 ')
    })
  })

  describe('on a page of our server', () => {
    let server: Http2Server
    const closed = new Inbox<ConnectionEvent>()
    const requests: RequestHead[] = []
    beforeAll(async () => {
      server = await serveHttp2(
        (event, connection) => {
          if (event.type === 'text' && event.data !== 'stay') connection.close(Number(event.data), 'enough, 再见')
          if (event.type === 'close') closed.push(event)
        },
        {
          subprotocols: ['chat.v1', 'chat.v2'],
          onAccept: (request) => {
            requests.push(request)
            return {}
          },
        },
      )
      await goTo(server)
    })
    afterAll(() => server.stop())

    test.each([1000, 1001, 3000, 4999])(
      'receives code %i and the reason when the server closes first',
      async (code) => {
        const expected = { events: [], code, reason: 'enough, 再见', wasClean: true }
        expect(await converse(page, server.url, String(code), -1)).toEqual(expected)
        expect(await closed.next()).toMatchObject({ code, clean: true, by: 'local' })
        expect(await server.endings.next()).toEqual({ kind: 'end', errorCode: 0, name: 'END_STREAM' })
      },
    )

    test('sends the request of RFC 8441, and agrees on a subprotocol', async () => {
      const agreed = await agree(page, `${server.url}chat`, ['chat.v3', 'chat.v2', 'chat.v1'])
      expect(agreed).toEqual({ protocol: 'chat.v2', extensions: '' })
      const { headers, ...head } = requests.at(-1) as RequestHead
      const authority = `localhost:${server.port}`
      const pseudo = {
        method: 'CONNECT',
        target: '/chat',
        path: '/chat',
        query: '',
        protocol: 'websocket',
        authority,
        scheme: 'https',
      }
      expect(head).toEqual({ ...pseudo, httpVersion: '2' })
      expect(toHeaderRecord(headers)).toMatchObject({
        origin: `https://${authority}`,
        'sec-websocket-version': '13',
        'sec-websocket-protocol': 'chat.v3, chat.v2, chat.v1',
        'sec-websocket-extensions': offered,
      })
      expect(Object.keys(toHeaderRecord(headers))).not.toContain('sec-websocket-key')
      expect(await closed.next()).toMatchObject({ code: 1000, clean: true, by: 'remote' })
      expect(await server.endings.next()).toMatchObject({ name: 'END_STREAM' })
    })

    test('fails if the server supports none of its subprotocols', async () => {
      expect(await agree(page, server.url, ['chat.v3'])).toBe(undefined)
      expect(await closed.next()).toMatchObject({ code: 1006, clean: false, by: 'transport' })
      expect(await server.endings.next()).toMatchObject({ name: 'CANCEL' })
    })

    test('uses one connection for all of it, and cancels its streams when its page is closed', async () => {
      await page.evaluate((url) => {
        const sockets = Array.from({ length: 10 }, () => new WebSocket(url))
        return Promise.all(sockets.map((socket) => new Promise((resolve) => socket.addEventListener('open', resolve))))
      }, server.url)
      expect(server.sessions.size).toBe(1)
      await page.goto('about:blank')
      for (let i = 0; i < 10; i++) {
        expect(await server.endings.next()).toEqual({ kind: 'reset', errorCode: 8, name: 'CANCEL' })
        // Over HTTP/1.1 it sends a Close with 1001; here the reset overtakes it.
        expect(await closed.next()).toMatchObject({ code: 1006, clean: false, by: 'transport' })
      }
    })
  })
})
