/**
 * The inspector in use: in a real browser, with mouse and keyboard, in both color schemes and on a phone.
 *
 * @module
 */

import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { launchChromium, missingChromium } from '../../peers/chromium.ts'
import { findPale } from '../../peers/contrast.ts'
import { describePeer, patient, type Running, startProcess, within } from '../../peers/support.ts'
import { share } from '../../share.ts'

vi.setConfig(patient)

const script = fileURLToPath(new URL('../../../examples/inspector/serve.mjs', import.meta.url))

describePeer('the inspector in Chromium', missingChromium, () => {
  let browser: Browser
  let server: Running
  let address: string
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    server = startProcess('the inspector', process.execPath, [script, '0'])
    const started = Promise.race([once(server.lines, 'line'), server.exited])
    browser = await launchChromium()
    address = String((await within(started, 'the inspector to listen'))[0])
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })
  beforeEach(() => open())
  afterEach(async () => {
    await page.close()
    expect(complaints).toEqual([])
  })

  async function open(options: Parameters<Browser['newPage']>[0] = {}, fragment = ''): Promise<void> {
    complaints = []
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(address + fragment)
  }
  async function reopen(options: Parameters<Browser['newPage']>[0], fragment = ''): Promise<void> {
    await page.close()
    await open(options, fragment)
  }
  const sample = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const shown = async (selector: string) =>
    (await page.locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))

  test('shows an example at once, and others on a click', async () => {
    expect(await shown('.verdict')).toEqual(['1 frame, no error. A client may send these bytes.'])
    await sample('Fragments and a ping')
    expect(await shown('.tab')).toEqual(['1 text … 3 B', '2 ping 0 B', '3 continuation 2 B'])
    expect(await shown('.messages pre')).toEqual(['Hello'])
    expect(await page.getByLabel('client').isChecked()).toBe(true)
  })

  test('marks the bad byte, with the code, the close code and the section', async () => {
    await sample('Broken UTF-8')
    expect(await shown('.verdict')).toEqual([expect.stringMatching(/utf8.*byte 10.*close with 1007.*RFC 6455 §8\.1/)])
    expect(await shown('.byte.faulty')).toEqual(['a0'])
    await page.getByRole('button', { name: 'byte 10', exact: true }).click()
    expect(await page.locator('.byte:focus').textContent()).toBe('a0')
  })

  test('highlights the bytes of a field, and the fields of a byte', async () => {
    await page.locator('tr[data-field="masking key"]').hover()
    expect(await shown('.byte.lit')).toEqual(['37', 'fa', '21', '3d'])
    await page.locator('.byte[data-start="0"]').hover()
    expect(await page.locator('tr.lit th').allInnerTexts()).toEqual(['FIN', 'RSV1', 'RSV2', 'RSV3', 'opcode'])
    await page.locator('h1').hover()
    expect(await shown('.lit')).toEqual([])
  })

  test('supports the keyboard: arrows move between bytes, and show the frame of each', async () => {
    await sample('Fragments and a ping')
    await page.locator('.byte').first().focus()
    for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowRight')
    expect(await page.locator('.byte:focus').getAttribute('aria-label')).toContain('byte 5, 89, frame 2: FIN')
    expect(await shown('.tab[aria-pressed="true"]')).toEqual(['2 ping 0 B'])
    await page.keyboard.press('Tab')
    expect(await page.locator('.tab:focus').count()).toBe(1)
  })

  test('checks for the other role, and according to the agreement', async () => {
    await page.getByText('client', { exact: true }).click()
    expect(await shown('.verdict .code-name')).toEqual(['masked'])
    await sample('Compressed')
    expect(await shown('.messages pre')).toEqual(['Hello', 'Hello'])
    await page.getByLabel('permessage-deflate').uncheck()
    expect(await shown('.verdict .code-name')).toEqual(['reserved-bits', 'reserved-bits'])
  })

  test('shows each error of a request, and the response to send', async () => {
    await sample('Three errors')
    expect(await shown('.remark .code-name')).toEqual(['connection-missing', 'key', 'version'])
    expect(await shown('.answer')).toEqual([expect.stringMatching(/^HTTP\/1\.1 400 Bad Request .*\(RFC 6455 §4\.4\)/)])
    await sample('Request')
    expect(await shown('.answer')).toEqual([
      expect.stringContaining('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='),
    ])
  })

  test('builds a frame, shows it, and appends another', async () => {
    await page.getByLabel('payload', { exact: true }).fill('Hello')
    await page.getByLabel('length in').and(page.locator('select')).selectOption('64 bits')
    expect(await page.locator('#built').textContent()).toMatch(/^81 ff 00 00 00 00 00 00 00 05 37 fa 21 3d 7f/)
    await page.getByRole('button', { name: 'Inspect' }).click()
    expect(await shown('.verdict .code-name')).toEqual(['length'])
    await page.getByLabel('length in').and(page.locator('select')).selectOption('the shortest form')
    await page.getByRole('button', { name: 'Inspect' }).click()
    await page.getByLabel('opcode').and(page.locator('select')).selectOption('8 close')
    await page.getByLabel('code', { exact: true }).fill('1005')
    await page.getByLabel('reason').fill('')
    await page.getByRole('button', { name: 'Append' }).click()
    expect(await shown('.tab')).toEqual(['1 text 5 B', '2 connection close 2 B, faulty'])
    expect(await shown('.verdict .code-name')).toEqual(['close-code'])
  })

  test('reports the first character that it cannot read, and never treats pasted input as HTML', async () => {
    await page.locator('#input').fill('81 0<img src=x onerror=alert(1)>')
    expect(await shown('.verdict')).toEqual([expect.stringContaining('Character 5: "<" is neither')])
    expect(await page.locator('#result img').count()).toBe(0)
  })

  test('a view is shared by its address', async () => {
    await sample('Close 1005')
    await page.waitForURL(/input=88/)
    const fragment = new URL(page.url()).hash
    await reopen({}, fragment)
    expect(await shown('.verdict .code-name')).toEqual(['close-code'])
    expect(await page.locator('#input').inputValue()).toBe('88 02 03 ed')
  })

  test.each(['light', 'dark'] as const)('is readable in %s: contrast is at least 4.5', async (colorScheme) => {
    await reopen({ colorScheme, reducedMotion: 'reduce' })
    for (const name of share(['Three errors', 'Close 1000', 'Length not minimal'], 3)) {
      await sample(name)
      await page.locator('h1').hover()
      expect(await page.evaluate(findPale), name).toEqual([])
    }
  })

  test('fits on a laptop screen, and scrolls in one direction on a phone', async () => {
    const beyond = () =>
      page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement
        return { across: scrollWidth - innerWidth, down: scrollHeight - innerHeight }
      })
    for (const name of share(['256 bytes', 'Masked “Hello”', 'Three errors'], 3)) {
      await sample(name)
      expect(await beyond(), name).toEqual({ across: 0, down: 0 })
    }
    await reopen({ viewport: { width: 390, height: 844 } })
    for (const name of share(['Three errors', '256 bytes', 'Length not minimal'], 3)) {
      await sample(name)
      expect((await beyond()).across, name).toBe(0)
    }
  })
})
