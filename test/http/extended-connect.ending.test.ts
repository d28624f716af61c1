/** Tests how streams and WebSockets end together (RFC 8441 §5, RFC 9220 §3). */

import { describe, expect, it } from 'vitest'
import { Connection, type ConnectionClosed } from '../../src/connection/index.ts'
import { ProtocolError } from '../../src/errors.ts'
import { readStreamEnding, selectStreamEnding } from '../../src/http/extended-connect.ts'
import { http2ErrorCodes, http3ErrorCodes } from '../../src/registry/http-errors.ts'

const END = { kind: 'end', errorCode: 0x0, name: 'END_STREAM' }
const FIN = { kind: 'end', errorCode: 0x100, name: 'FIN' }
const CANCEL = { kind: 'reset', errorCode: 0x8, name: 'CANCEL' }
const CANCELLED = { kind: 'reset', errorCode: 0x10c, name: 'H3_REQUEST_CANCELLED' }

/** Returns the close event of a server's connection after `act`. */
function closed(act: (connection: Connection) => readonly { type: string }[]): ConnectionClosed {
  const connection = new Connection({ role: 'server', closeTimeout: 10 })
  const event = act(connection).find(({ type }) => type === 'close')
  connection.takeOutput()
  expect(connection.transport).not.toBe('keep')
  return event as ConnectionClosed
}

describe('selectStreamEnding after a connection has closed', () => {
  it('selects an orderly end after both Close frames', () => {
    const event = closed((connection) => connection.receive(Uint8Array.of(0x88, 0x80, 0, 0, 0, 0)))
    expect([selectStreamEnding(event), selectStreamEnding(event, '3')]).toEqual([END, FIN])
  })
  it('selects an orderly end if the peer has ended its side', () => {
    const event = closed((connection) => connection.receiveEnd())
    expect([selectStreamEnding(event), selectStreamEnding(event, '3')]).toEqual([END, FIN])
  })
  it('selects a reset after an error', () => {
    const event = closed((connection) => connection.receive(Uint8Array.of(0x81, 0)))
    expect(event.code).toBe(1002)
    expect([selectStreamEnding(event), selectStreamEnding(event, '3')]).toEqual([CANCEL, CANCELLED])
  })
  it('selects a reset after a timeout', () => {
    const event = closed((connection) => {
      connection.close(1000)
      connection.takeOutput()
      connection.poll(0)
      return connection.poll(11)
    })
    expect(event.error?.code).toBe('timeout')
    expect([selectStreamEnding(event), selectStreamEnding(event, '3')]).toEqual([CANCEL, CANCELLED])
  })
})

describe('readStreamEnding', () => {
  it('reads an orderly end without an error code, or with the code for no error', () => {
    expect([undefined, 0].map((code) => readStreamEnding(code))).toEqual([END, END])
    expect([undefined, 0x100].map((code) => readStreamEnding(code, '3'))).toEqual([FIN, FIN])
  })
  it('reads a reset with any other code, named by its registered name', () => {
    expect([readStreamEnding(0x8), readStreamEnding(0x10c, '3')]).toEqual([CANCEL, CANCELLED])
    for (const { code, name } of http2ErrorCodes.slice(1))
      expect(readStreamEnding(code)).toEqual({ kind: 'reset', errorCode: code, name })
    for (const { code, name } of http3ErrorCodes.slice(1))
      expect(readStreamEnding(code, '3')).toEqual({ kind: 'reset', errorCode: code, name })
  })
  it('reads a reset with an unregistered code, named by its number', () => {
    expect(readStreamEnding(0x10c)).toEqual({ kind: 'reset', errorCode: 0x10c, name: '0x10c' })
    expect(readStreamEnding(0, '3')).toEqual({ kind: 'reset', errorCode: 0, name: '0x0' })
  })
})

it('both functions agree', () => {
  for (const httpVersion of ['2', '3'] as const)
    for (const error of [undefined, new ProtocolError('masked', '')]) {
      const ending = selectStreamEnding({ error }, httpVersion)
      expect(readStreamEnding(ending.errorCode, httpVersion)).toEqual(ending)
    }
})

it('returns a new object each time', () => {
  for (const read of [
    () => readStreamEnding(undefined),
    () => readStreamEnding(0),
    () => selectStreamEnding({ error: undefined }),
  ]) {
    Object.assign(read(), { kind: 'reset', name: 'x' })
    expect(read()).toEqual({ kind: 'end', errorCode: 0, name: 'END_STREAM' })
  }
})
