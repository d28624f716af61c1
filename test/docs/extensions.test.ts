/**
 * Tests the extensions that users copy, from the guide and from the example, with any messages in any chunks.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { getParam } from '../../src/handshake/index.ts'
import * as whole from '../../src/index.ts'
import { receiveAll } from '../receive.ts'
import { concat, pattern, splits } from '../wire.ts'
import { blocksIn, root } from './snippets.ts'

const { Connection, startMessage } = whole
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The extension that `code` declares by this name. */
function extensionIn(code: string, name: string): whole.DefinedExtension {
  const everything = { ...whole, getParam }
  const names = Object.keys(everything)
  const body = code.replace(/^import [\s\S]*?from '[^']+'$/gm, '')
  return new Function(...names, `${body}\nreturn ${name}`)(...Object.values(everything)) as whole.DefinedExtension
}

const guide = blocksIn('docs/extensions.md', read('docs/extensions.md'))[0]?.code ?? ''
const example = read('examples/extension.mjs').split('// The handshake')[0] ?? ''

describe.each([
  ['the guide', extensionIn(guide, 'counted'), { start: 0 }],
  ['the example', extensionIn(example, 'checksummed'), { modulus: 127 }],
])('the extension of %s', (_, extension, params) => {
  const agreement = { subprotocol: undefined, extensions: [{ name: extension.name, params }] }
  const open = (role: 'client' | 'server', options = {}) =>
    new Connection<'string', boolean>({ role, agreement, extensions: [extension], ...options })

  test('carries messages of all kinds, wherever chunks and frames are cut', () => {
    const sender = open('server')
    sender.sendText('Hello')
    sender.sendText('')
    sender.sendBinary(new Uint8Array(0))
    const message = startMessage(sender, 'text')
    for (const part of ['', 'a', '', 'bc', '']) message.write(part)
    message.end()
    sender.ping()
    sender.sendBinary(pattern(300))
    const wire = sender.takeOutput() as Uint8Array
    for (const pieces of [false, true])
      for (const chunks of splits(wire)) {
        const client = open('client', { pieces })
        const events = chunks.flatMap((chunk) => receiveAll(client, chunk)).filter(({ type }) => type !== 'ping')
        const told = events.map((event) =>
          'last' in event ? `${Buffer.from(event.data).toString('latin1')}${event.last ? '|' : ''}` : event.type,
        )
        expect(told.join('')).toBe(`Hello|||abc|${Buffer.from(pattern(300)).toString('latin1')}|`)
      }
  })

  test('handles a message of 8 MiB, in one piece and in many, in linear time', () => {
    const data = pattern(2 ** 23)
    for (const fragmentSize of [undefined, 1000]) {
      const sender = open('server', { fragmentSize })
      sender.sendBinary(data)
      const events = receiveAll(open('client', { pieces: true }), sender.takeOutput() as Uint8Array)
      const got = concat(...events.map((event) => ('data' in event ? (event.data as Uint8Array) : new Uint8Array(0))))
      expect(Buffer.compare(got, data)).toBe(0)
    }
  })
})
