// Takes the README's pictures of the inspector: `node examples/inspector/pictures.mjs`. Needs a Chromium (`CHROMIUM`).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(name, import.meta.url))

// A text in two fragments, a ping between them, and a Close with a forbidden code.
const shown = [
  '01 83 37 fa 21 3d 7f 9f 4d',
  '89 80 01 02 03 04',
  '80 82 3d 21 fa 37 51 4e',
  '88 82 0a 0b 0c 0d 09 e6',
].join('\n')

const folder = process.argv[2] ?? path('.')
const server = spawn(process.execPath, [path('serve.mjs'), '0'])
const [line] = await once(server.stdout, 'data')
const address = String(line).trim()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})

for (const [scheme, name] of /** @type {const} */ ([
  ['light', 'inspector'],
  ['dark', 'inspector-dark'],
])) {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  })
  await page.goto(`${address}#${new URLSearchParams({ role: 'server', input: shown })}`)
  await page.locator('.tab').first().click()
  await page.locator('tr[data-field="masking key"]').hover()
  await page.screenshot({ path: `${folder}/${name}.png` })
  await page.close()
}

await browser.close()
server.kill()
