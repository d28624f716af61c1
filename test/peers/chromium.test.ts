/**
 * A real headless browser: a page from an example server opens WebSockets to it. If there is no browser, the tests are skipped
 * visibly, and fail with `CI`.
 */

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ConnectionEvent, getHeaders } from '../../src/index.ts'
import { launchChromium, missingChromium } from './chromium.ts'
import { agree, converse, echoSizes } from './chromium-page.ts'
import { serve } from './ours.ts'
import { describePeer, examples, type Host, Inbox, MULTI_BYTE, patient, sizes, startExample } from './support.ts'

vi.setConfig(patient)

describePeer('Chromium', missingChromium, () => {
  let browser: Browser
  let page: Page
  let hosts: Host[]
  let closing: Host
  const closed = new Inbox<ConnectionEvent>()
  const offers: string[][] = []

  beforeAll(async () => {
    browser = await launchChromium()
    page = await browser.newPage()
    hosts = await Promise.all(examples.map((name) => startExample(name)))
    closing = await serve(
      (event, link) => {
        if (event.type === 'text' && event.data !== 'stay') link.connection.close(Number(event.data), 'enough, 再见')
        if (event.type === 'close') closed.push(event)
      },
      {
        origins: 'any',
        subprotocols: ['chat.v1', 'chat.v2'],
        onAccept: (_, { headers }) => offers.push(getHeaders(headers, 'sec-websocket-extensions')),
      },
    )
  })
  afterAll(async () => {
    await browser.close()
    await Promise.all([...hosts, closing].map((host) => host.stop()))
  })

  async function goTo(host: Host): Promise<void> {
    expect((await page.goto(host.url.replace('ws:', 'http:')))?.status()).toBe(200)
  }

  describe.each(examples.map((name, i) => [name, i] as const))('on a page of examples/%s', (_, index) => {
    let server: Host
    beforeEach(async () => {
      server = hosts[index] as Host
      await goTo(server)
    })

    test('gets text and binary messages back, from empty to 1 MiB', async () => {
      expect(await echoSizes(page, server.url)).toEqual(sizes.flatMap((size) => [`text ${size}`, `binary ${size}`]))
    })

    test('gets every character back, including a leading BOM', async () => {
      const text = `\uFEFF${MULTI_BYTE}`
      const expected = { events: [text], code: 1000, reason: '', wasClean: true }
      expect(await converse(page, server.url, text, 1000)).toEqual(expected)
    })

    test.each([1000, 3000, 4999])('closes with %i and gets that code back', async (code) => {
      const expected = { events: ['Hello'], code, reason: '', wasClean: true }
      expect(await converse(page, server.url, 'Hello', code, 'that was all, 再见')).toEqual(expected)
    })

    test('closes without a code and receives 1005', async () => {
      const expected = { events: ['Hello'], code: 1005, reason: '', wasClean: true }
      expect(await converse(page, server.url, 'Hello', 0)).toEqual(expected)
    })

    test('is refused with 403 by a server of another origin', async () => {
      const other = hosts[(index + 1) % hosts.length] as Host
      const complaint = page.waitForEvent('console', (message) => message.type() === 'error')
      const expected = { events: ['error'], code: 1006, reason: '', wasClean: false }
      expect(await converse(page, other.url, 'Hello', 1000)).toEqual(expected)
      expect((await complaint).text()).toContain('Unexpected response code: 403')
    })
  })

  test.each([1000, 1001, 3000, 4999])('receives code %i and the reason when a server closes first', async (code) => {
    await goTo(hosts[0] as Host)
    const expected = { events: [], code, reason: 'enough, 再见', wasClean: true }
    expect(await converse(page, closing.url, String(code), -1)).toEqual(expected)
    expect(await closed.next()).toMatchObject({ code, clean: true, by: 'local' })
  })

  test('agrees on the first of its subprotocols that the server supports, and on no compression', async () => {
    await goTo(hosts[0] as Host)
    const agreed = await agree(page, closing.url, ['chat.v3', 'chat.v2', 'chat.v1'])
    expect(agreed).toEqual({ protocol: 'chat.v2', extensions: '' })
    expect(offers.at(-1)).toEqual(['permessage-deflate; client_max_window_bits'])
    expect(await closed.next()).toMatchObject({ code: 1000, clean: true, by: 'remote' })
  })

  test('fails if the server supports none of its subprotocols', async () => {
    await goTo(hosts[0] as Host)
    expect(await agree(page, closing.url, ['chat.v3'])).toBe(undefined)
    expect(await closed.next()).toMatchObject({ code: 1006, clean: false, by: 'transport' })
  })

  test('sends the server 1001 when its page is closed', async () => {
    await goTo(hosts[0] as Host)
    await page.evaluate((url) => {
      const socket = new WebSocket(url)
      return new Promise((resolve) => {
        socket.onopen = resolve
      })
    }, closing.url)
    await page.goto('about:blank')
    const expected = {
      type: 'close',
      code: 1001,
      reason: '',
      sentCode: 1001,
      clean: true,
      by: 'remote',
      error: undefined,
    }
    expect(await closed.next()).toEqual(expected)
  })
})
