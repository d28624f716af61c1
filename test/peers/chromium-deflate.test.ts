/**
 * Chromium's own compression: a page echoes whatever our server sends, text, binary, empty and long messages, and all come back
 * unchanged. `SEED=… RUNS=…` repeats or extends a run.
 */

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { launchChromium, missingChromium } from './chromium.ts'
import { agreedOn, Echoing, long } from './echoing.ts'
import { mixed, seeded } from './mixed.ts'
import { describePeer, patient, within } from './support.ts'

vi.setConfig(patient)

const small = { serverNoContextTakeover: true, clientMaxWindowBits: 9 }
const smaller = 'permessage-deflate; server_no_context_takeover; client_max_window_bits=9'
const ways = [
  [500, 'zlib', zlib, {}, 'permessage-deflate'],
  [500, 'pako', pako, {}, 'permessage-deflate'],
  [500, 'zlib, as the server wants', zlib, small, smaller],
  [500, 'pako, as the server wants', pako, small, smaller],
] as const

/** In the page: opens a WebSocket that echoes. Returns its extensions. */
function echoIn(page: Page, url: string): Promise<string> {
  const run = (url: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(url)
      socket.binaryType = 'arraybuffer'
      socket.onmessage = ({ data }) => socket.send(data)
      socket.onopen = () => resolve(socket.extensions)
      socket.onerror = () => resolve('nothing, for it does not open')
    })
  return within(page.evaluate(run, url), `a page to open ${url}`)
}

describePeer('Chromium, compressed', missingChromium, () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await launchChromium()
    page = await browser.newPage()
  })
  afterAll(() => browser.close())

  test.each(ways)('returns our server’s %i messages unchanged: %s', (few, _, codec, preferences, extensions) =>
    seeded(async (random, cut) => {
      const ours = new Echoing(codec, preferences, cut)
      const server = await ours.serve()
      expect(await echoIn(page, server.url)).toBe(extensions)
      const messages = [...mixed(Number(process.env.RUNS ?? few), random), ...long]
      await ours.exchange(await ours.accept(), agreedOn(preferences), messages)
      // It compresses every message that is not empty.
      expect(ours.wire.received.compressed).toBeGreaterThan(ours.wire.received.messages / 2)
      await server.stop()
    }),
  )
})
