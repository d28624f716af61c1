/**
 * Headless Chromium: found by `CHROMIUM` or on the path, and given a page, served on loopback, that loads the built files as
 * modules. An import map replaces Node's lookup in node_modules.
 */

import { accessSync, constants } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { delimiter, join } from 'node:path'
import { chromium as playwright } from 'playwright-core'
import { root, TIMEOUT } from './processes.mjs'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = process.env.CHROMIUM
    ? [process.env.CHROMIUM]
    : ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) => folders.map((folder) => join(folder, name)))
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Its program; `undefined` if there is none. */
export const executablePath = findChromium()
/** What is missing to launch it; `undefined` if nothing is. */
export const missingChromium =
  executablePath === undefined ? 'no Chromium on the path, and CHROMIUM names none' : undefined

export function launchChromium() {
  return playwright.launch({ executablePath, args: flags })
}

export const chromium = {
  name: 'Chromium',
  family: 'Chromium',
  without: { 'deflate: zlib': 'a browser has no node:zlib' },
  async find() {
    if (executablePath === undefined) return undefined
    const browser = await launchChromium()
    const server = await serveFiles()
    const files = `http://127.0.0.1:${server.address().port}/`
    return {
      version: browser.version(),
      run: (module, given, home = files) => runPage(browser, home, scriptOf(files, module, given)),
      async stop() {
        await browser.close()
        server.close()
      },
    }
  },
}

/** Runs a script on a new page: everything that it prints, and how it ended. */
async function runPage(browser, home, script) {
  const page = await browser.newPage()
  const lines = []
  page.on('console', (message) => lines.push(message.text()))
  const ended = new Promise((resolve, reject) => {
    page.on('pageerror', reject)
    page.on('crash', () => reject(new Error('the page has crashed')))
    page.on('requestfailed', (request) => reject(new Error(`${request.url()} could not be loaded`)))
    page.on('response', (response) => {
      if (response.status() >= 400) reject(new Error(`${response.url()} is answered with ${response.status()}`))
    })
    void page.exposeFunction('ended', resolve)
    setTimeout(() => reject(new Error(`did not end in ${TIMEOUT} ms`)), TIMEOUT).unref()
  })
  // It may fail before anything awaits it.
  ended.catch(() => {})
  try {
    await page.goto(home)
    await page.addScriptTag({ type: 'module', content: script })
    await ended
    return { output: lines.join('\n'), failure: undefined }
  } catch (error) {
    return {
      output: lines.join('\n'),
      failure: `${error.message}\n${lines.filter((line) => line[0] !== '{').join('\n')}`,
    }
  } finally {
    await page.close()
  }
}

function scriptOf(files, module, given) {
  return `import { main } from '${new URL(module, `${files}test/runtimes/`)}'
await main(${JSON.stringify(given)})
ended()`
}

const importMap = {
  imports: { '@noble/hashes/': '/node_modules/@noble/hashes/', pako: '/node_modules/pako/dist/pako.mjs' },
}
const page = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify(importMap)}</script>
`

/** The repository's scripts, and the page at the root. */
async function serveFiles() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1')
    if (pathname === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    // The URL parser has already resolved every `..`.
    const script = /\.m?js$/.test(pathname) && (await readFile(join(root, pathname)).catch(() => undefined))
    // The examples' own pages load them, too.
    const headers = { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }
    if (script) response.writeHead(200, headers).end(script)
    else response.writeHead(404).end()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
