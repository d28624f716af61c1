/** The HTML page in a real browser, from a file: with mouse and keyboard, in both color schemes and on a phone. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { formatHtml } from '../../../src/cli/output/html.ts'
import { formatJunit } from '../../../src/cli/output/junit.ts'
import type { Report } from '../../../src/testing/result.ts'
import { launchChromium, missingChromium } from '../../peers/chromium.ts'
import { findPale } from '../../peers/contrast.ts'
import { describePeer, patient } from '../../peers/support.ts'
import { bad, hostile, manyReports, mixed, report, result } from './fixtures.ts'

vi.setConfig(patient)

describePeer('the page in Chromium', missingChromium, () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'))
  let browser: Browser
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })
  afterEach(async () => {
    await page.close()
    expect(complaints).toEqual([])
  })

  async function open(
    reports: readonly Report[],
    options: Parameters<Browser['newPage']>[0] = {},
    fragment = '',
  ): Promise<void> {
    const file = join(folder, 'report.html')
    writeFileSync(file, formatHtml(reports))
    complaints = []
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(request.url())
    })
    await page.goto(pathToFileURL(file).href + fragment)
  }
  const texts = async (selector: string) =>
    (await page.locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))
  const slugs = () => texts('tr:not([hidden]) .id')

  const other = report([result({ verdict: 'fail', reason: 'It echoed it.' }), result({ id: 'server/handshake/sound' })])

  test('shows a row for each case of one agent, with the reason if it did not pass', async () => {
    await open([mixed])
    expect(await texts('tr:not([hidden]) td')).toEqual([
      'fail It answered 101 to HTTP/1.0.',
      'warn It sent no Close.',
      'info It accepts 16 MiB.',
      'skip It does not agree on permessage-deflate.',
      'error connect ECONNREFUSED',
    ])
    expect(await texts('tr.section')).toEqual(['handshake', 'framing', 'deflate'])
    await page.locator('input[value="pass"]').check()
    expect(await slugs()).toHaveLength(6)
    expect(await texts('thead .counts')).toEqual(['1 fail, 1 error, 1 warn, 1 info, 1 skip, 1 pass'])
  })

  test('filters several agents by verdict, section, text and difference', async () => {
    await open([mixed, other])
    expect(await slugs()).toHaveLength(5)
    await page.locator('input[value="pass"]').check()
    expect(await slugs()).toHaveLength(6)
    await page.getByLabel('only where agents differ').check()
    expect(await slugs()).toEqual(['server/framing/opcode-3'])
    await page.getByLabel('only where agents differ').uncheck()
    await page.locator('select').selectOption('server/framing')
    expect(await slugs()).toEqual(['server/framing/opcode-3', 'server/framing/limit'])
    expect(await texts('tr.section:not([hidden])')).toEqual(['framing'])
    await page.getByPlaceholder('slug, title or reason').fill('ECHOED')
    expect(await slugs()).toEqual(['server/framing/opcode-3'])
    await page.getByPlaceholder('slug, title or reason').fill('')
    await page.locator('select').selectOption('')
    for (const verdict of ['error', 'warn', 'info', 'skip', 'pass'])
      await page.locator(`input[value="${verdict}"]`).uncheck()
    expect(await slugs()).toEqual(['server/handshake/http-1.0', 'server/framing/opcode-3'])
    expect(await texts('#count')).toEqual(['2 of 6 cases'])
  })

  test('opens the result, the expected outcomes, the rule and the bytes from a cell', async () => {
    await open([mixed, other])
    await page.getByRole('button', { name: 'ws 8.23.0, server/framing/opcode-3: fail' }).click()
    expect(await texts('dialog h3')).toEqual(['Result', 'Expected', 'The rule', 'Why it matters', 'Transcript'])
    expect(await texts('dialog .body > p')).toEqual([
      'ws 8.23.0 · server/framing/opcode-3 · must',
      'It echoed it.',
      'closed: the agent sent a Close, and the transport ended (the agent first), code 1002',
      'RFC 6455 §5.2',
      'An endpoint that ignores it loses data.',
    ])
    expect(await page.locator('dialog a').getAttribute('href')).toBe(
      'https://www.rfc-editor.org/rfc/rfc6455#section-5.2',
    )
    expect(await texts('.entry')).toEqual([
      '0.0 ms suite: 18 bytes GET / HTTP/1.1 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a 0d 0a',
      '1.3 ms suite: 6 bytes opcode 3, fin, 0 bytes 83 80 37 fa 21 3d',
      '2.0 ms agent: 4 bytes close, fin, 2 bytes: 1002 88 02 03 ea',
      '2.5 ms agent: ends its direction',
    ])
    expect(new URL(page.url()).hash).toBe('#server/framing/opcode-3@1')
    await page.keyboard.press('Escape')
    expect(await page.locator('dialog').isVisible()).toBe(false)
  })

  test('steps through the visible results of an agent with Next and Previous', async () => {
    await open([mixed])
    await page.locator('td.fail button').click()
    const badge = () => texts('dialog .badge')
    const step = (name: string) => page.getByRole('button', { name, exact: true })
    expect(await step('Previous').isDisabled()).toBe(true)
    const seen = []
    for (let i = 0; i < 4; i++) {
      await step('Next').press('Enter')
      seen.push(...(await badge()))
    }
    expect(seen).toEqual(['warn', 'info', 'skip', 'error'])
    expect(await step('Next').isDisabled()).toBe(true)
    expect(new URL(page.url()).hash).toBe('#server/deflate/other@0')
    await step('Previous').click()
    expect(await badge()).toEqual(['skip'])
  })

  test('shows the passes if there is nothing else', async () => {
    await open([report([result()])])
    expect(await slugs()).toEqual(['server/framing/opcode-3'])
  })

  test('opens a result by its address, and reaches each cell by keyboard', async () => {
    await open([mixed, other], {}, '#server/handshake/sound@1')
    expect(await texts('dialog .badge')).toEqual(['pass'])
    await page.getByRole('button', { name: 'Close' }).press('Enter')
    await page.locator('input[value="pass"]').check()
    await page.locator('td button').first().focus()
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowDown']) await page.keyboard.press(key)
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    // The other agent has no result in the second row, so the focus stays in the first row.
    expect(await focused()).toBe('ws 8.23.0, server/handshake/http-1.0: fail')
    await page.keyboard.press('Enter')
    expect(await texts('dialog .badge')).toEqual(['fail'])
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('ws 8.23.0, server/handshake/http-1.0: fail')
  })

  test("shows a peer's text, and never as markup", async () => {
    await open([report([bad], hostile, '')], {}, '#server/framing/opcode-3@0')
    expect(await page.locator('img, x').count()).toBe(0)
    expect((await texts('.note'))[0]).toContain(
      '<img src=x onerror=alert(1)> ]]> </script> ``` | & "q" \'q\' \\u{1b}[31m',
    )
  })

  test('writes well-formed JUnit XML for any text of a peer', async () => {
    await open([])
    const read = (xml: string) => {
      const tree = new DOMParser().parseFromString(xml, 'application/xml')
      return [
        tree.querySelector('parsererror')?.textContent,
        tree.querySelectorAll('testcase').length,
        tree.querySelector('failure')?.getAttribute('message'),
      ]
    }
    const message = await page.evaluate(read, formatJunit([report([bad])]))
    expect(message).toEqual([undefined, 1, expect.stringContaining('</script> ``` | & "q" \'q\' \\u{1b}[31m\\u{0}')])
  })

  test.each(['light', 'dark'] as const)('has a contrast of at least 4.5 in %s', async (colorScheme) => {
    await open([mixed, other], { colorScheme })
    expect(await page.evaluate(findPale)).toEqual([])
    await page.locator('td.fail button').first().click()
    expect(await page.evaluate(findPale)).toEqual([])
  })

  test('keeps column heads in sight, and scrolls one agent in one direction on a phone', async () => {
    await open(manyReports(3, 600))
    await page.locator('td button').last().scrollIntoViewIfNeeded()
    expect(await page.locator('thead').isVisible()).toBe(true)
    expect(
      await page
        .locator('thead th')
        .nth(1)
        .evaluate((head) => head.getBoundingClientRect().top > 0),
    ).toBe(true)
    await page.close()
    await open([mixed], { viewport: { width: 390, height: 844 } })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  })
})
