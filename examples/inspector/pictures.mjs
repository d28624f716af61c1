// Takes the README's pictures of the inspector: `node examples/inspector/pictures.mjs`. Needs a Chromium (`CHROMIUM`).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(name, import.meta.url))

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
  await page.goto(address)
  await page.getByRole('button', { name: 'Fragments and a ping' }).click()
  await page.locator('.fields tr', { hasText: 'opcode' }).hover()
  await page.screenshot({ path: `${folder}/${name}.png` })
  await page.close()
}

await browser.close()
server.kill()
