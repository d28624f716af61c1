/** The `WebSocket` of a page in Chromium. */
import { launchChromium } from '../../runtimes/chromium.mjs'
import { runCases } from './harness.mjs'
import { visitWith } from './standard.mjs'

const browser = await launchChromium()
try {
  const page = await browser.newPage()
  const url = JSON.stringify(process.argv[2])
  await page.evaluate(`(${runCases})((${visitWith})(WebSocket), ${url}, 'Chromium')`)
} finally {
  await browser.close()
}
