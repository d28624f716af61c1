/** Uses a WebSocket in a page of Chromium, over any transport: runs in the page and reports to the test. */

import type { Page } from 'playwright-core'
import { sizes, within } from './support.ts'

/** What a page can see of a WebSocket that has ended. */
export interface Seen {
  readonly events: readonly string[]
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

/** In the page: opens, sends, closes (without a code for 0, not at all for -1), and reports what happened. */
export async function converse(page: Page, url: string, message: string, code: number, reason = ''): Promise<Seen> {
  const run = ({ url, message, code, reason }: { url: string; message: string; code: number; reason: string }) =>
    new Promise<Seen>((resolve) => {
      const events: string[] = []
      const socket = new WebSocket(url)
      socket.onopen = () => socket.send(message)
      socket.onerror = () => events.push('error')
      socket.onmessage = ({ data }) => {
        events.push(data)
        if (code === 0) socket.close()
        else if (code > 0) socket.close(code, reason)
      }
      socket.onclose = (event) => resolve({ events, code: event.code, reason: event.reason, wasClean: event.wasClean })
    })
  return within(page.evaluate(run, { url, message, code, reason }), `a conversation with ${url}`)
}

/** In the page: the agreement of a WebSocket, if it opens. */
export async function agree(
  page: Page,
  url: string,
  offered: string[],
): Promise<{ protocol: string; extensions: string } | undefined> {
  const run = ({ url, offered }: { url: string; offered: string[] }) =>
    new Promise<{ protocol: string; extensions: string } | undefined>((resolve) => {
      const socket = new WebSocket(url, offered)
      socket.onopen = () => {
        resolve({ protocol: socket.protocol, extensions: socket.extensions })
        socket.close(1000)
      }
      socket.onerror = () => resolve(undefined)
    })
  return within(page.evaluate(run, { url, offered }), `an agreement with ${url}`)
}

/** In the page: sends a text and a binary message of each size; returns the sizes that came back whole, as `text 5`, `binary 5`. */
export async function echoSizes(page: Page, url: string): Promise<string[]> {
  const run = async ({ url, all }: { url: string; all: number[] }): Promise<string[]> => {
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    const next = (type: string): Promise<MessageEvent> =>
      new Promise((resolve) => socket.addEventListener(type, (event) => resolve(event as MessageEvent), { once: true }))
    await next('open')
    const same: string[] = []
    for (const size of all) {
      const text = Array.from({ length: size }, (_, i) => String.fromCharCode(32 + (i % 95))).join('')
      socket.send(text)
      if ((await next('message')).data === text) same.push(`text ${size}`)
      const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251)
      socket.send(bytes)
      const found = new Uint8Array((await next('message')).data)
      if (found.length === size && found.every((byte, i) => byte === bytes[i])) same.push(`binary ${size}`)
    }
    socket.close(1000)
    await next('close')
    return same
  }
  return within(page.evaluate(run, { url, all: [...sizes] }), `echoes of ${url}`)
}
