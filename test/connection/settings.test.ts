// What outlives a connection in this module's memory: nothing of its caller's.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { zlib } from '../../src/codec/zlib.ts'
import { Connection, permessageDeflate, prepareText, sendPrepared } from '../../src/index.ts'
import { hex } from '../wire.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Waits until the engine has let go of all that these hold. */
async function gone(...things: readonly WeakRef<object>[]): Promise<boolean> {
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    collect()
    if (things.every((thing) => thing.deref() === undefined)) return true
  }
  return false
}

/** A message in, its echo out: what reads and what writes is given back. */
function work(connection: Connection): void {
  const frame = connection.role === 'server' ? hex('81 81 00 00 00 00 61') : hex('81 01 61')
  for (const event of connection.receive(frame)) if (event.type === 'text') connection.sendText(event.data)
  connection.takeOutput()
}

const shared = (size: number): Uint8Array => new Uint8Array(size)

const kinds: { readonly [title: string]: () => object[] } = {
  allocate: () => {
    const allocate = (size: number): Uint8Array => new Uint8Array(size)
    work(new Connection({ role: 'server', allocate }))
    return [allocate]
  },
  maskKeys: () => {
    const maskKeys = (): Uint8Array => new Uint8Array(4)
    work(new Connection({ role: 'client', maskKeys }))
    return [maskKeys]
  },
  both: () => {
    const [maskKeys, allocate] = [() => new Uint8Array(4), (size: number) => new Uint8Array(size)]
    work(new Connection({ role: 'client', maskKeys, allocate }))
    return [maskKeys, allocate]
  },
  'one beside a function that stays': () => {
    const maskKeys = (): Uint8Array => new Uint8Array(4)
    work(new Connection({ role: 'client', maskKeys, allocate: shared }))
    work(new Connection({ role: 'client', allocate: shared }))
    return [maskKeys]
  },
  'limits, an agreement, extensions': () => {
    const limits = { maxMessageSize: 1234 }
    const extensions = [permessageDeflate({ codec: zlib })]
    const agreement = { subprotocol: 'chat', extensions: [] }
    work(new Connection({ role: 'server', limits, agreement, extensions }))
    return [limits, agreement, extensions]
  },
  'the last chunk, a prepared message': () => {
    const connection = new Connection({ role: 'server', ownsChunks: true })
    const chunk = hex('82 81 00 00 00 00 61')
    const message = prepareText('a'.repeat(100_000))
    connection.receive(chunk)
    sendPrepared(connection, message)
    connection.takeOutputParts()
    return [chunk, message]
  },
}

test.each(Object.keys(kinds))('%s: let go of with the connection', async (title) => {
  const things = kinds[title]?.().map((thing) => new WeakRef(thing)) ?? []
  // Others behind it, as in a program that goes on.
  for (let i = 0; i < 3; i++) work(new Connection({ role: 'server' }))
  expect(await gone(...things)).toBe(true)
})

test('a connection that lives on lets go of what it has sent, read and closed by', async () => {
  const connection = new Connection({ role: 'server', allocate: shared, ownsChunks: true })
  const things = (() => {
    const chunk = hex('82 81 00 00 00 00 61  88 82 00 00 00 00 03 e8')
    const message = prepareText('a'.repeat(100_000))
    sendPrepared(connection, message)
    connection.receive(chunk)
    return [chunk, message, ...connection.takeOutputParts()].map((thing) => new WeakRef<object>(thing))
  })()
  expect(await gone(...things)).toBe(true)
  expect(connection.done).toBe(true)
})
