/** Headless Chromium: found by `CHROMIUM` or on the path, and launched. */

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function findChromium(): string | undefined {
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

const executable = findChromium()
/** What is missing to launch it, if anything is. */
export const missingChromium: string | undefined =
  executable === undefined ? 'no Chromium on the path, and CHROMIUM names none' : undefined

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: executable as string, args: flags })
}
