/** Holds a server's answers to an upgrade, byte for byte: switch, demand, decline (RFC 9110 §15.2.2, §15.5.22). */

import { describe, expect, it } from 'vitest'
import { formatResponse, formatResponseHead } from '../../src/http/head-format.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { refuseUpgrade, switchingProtocols, upgradeRequired } from '../../src/http/upgrade-answer.ts'
import { expectsContinue } from '../../src/http/upgrade-select.ts'
import { readInEverySplit, toText } from './head.ts'

const type = ['Content-Type', 'text/plain; charset=utf-8']

describe('switchingProtocols', () => {
  it('names what is now spoken, and one’s own fields behind it', () => {
    expect(switchingProtocols('foo/2', { a: 'b' })).toEqual({
      status: 101,
      reason: 'Switching Protocols',
      headers: [
        ['Upgrade', 'foo/2'],
        ['Connection', 'Upgrade'],
        ['a', 'b'],
      ],
    })
    expect(toText(formatResponse(switchingProtocols('foo/2')))).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo/2\r\nConnection: Upgrade\r\n\r\n',
    )
  })
  it('names several protocols in layer order, lowest first', () => {
    expect(toText(formatResponse(switchingProtocols(['TLS/1.0', 'HTTP/1.1'])))).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n',
    )
  })
  it('comes behind a 100 where the request waits for one (RFC 9110 §7.8)', () => {
    const waiting = { method: 'GET', target: '/', headers: { expect: '100-continue' } }
    const switched = switchingProtocols('foo', [], expectsContinue(waiting))
    const wire =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n'
    expect(switched.continueFirst).toBe(true)
    expect(toText(formatResponse(switched))).toBe(wire)
    expect(toText(formatResponseHead(switched))).toBe(wire)
    expect(switchingProtocols('foo', [], expectsContinue({ ...waiting, headers: [] }))).not.toHaveProperty(
      'continueFirst',
    )
  })
  it('is read back by a client, without the 100, and with what the new protocol says first', () => {
    const switched = switchingProtocols(['foo', 'bar/1'], { a: 'b' }, true)
    const { status, reason, headers } = switched
    const wire = toText(formatResponse(switched))
    expect(readInEverySplit(() => new ResponseHeadParser(), `${wire}HTTP/1.1`)).toEqual({
      ok: true,
      head: { status, reason, headers },
      size: wire.length - 'HTTP/1.1 100 Continue\r\n\r\n'.length,
      rest: 'HTTP/1.1',
    })
  })
})

describe('upgradeRequired', () => {
  it('names what is wanted, and closes', () => {
    expect(upgradeRequired(['foo/2', 'bar'])).toEqual({
      status: 426,
      reason: 'Upgrade Required',
      headers: [['Upgrade', 'foo/2, bar'], ['Connection', 'Upgrade, close'], type],
      body: 'Upgrade Required\n',
    })
    expect(upgradeRequired('foo', { headers: { a: 'b', 'content-type': 'c' }, body: 'd' })).toMatchObject({
      headers: [
        ['Upgrade', 'foo'],
        ['Connection', 'Upgrade, close'],
        ['a', 'b'],
        ['content-type', 'c'],
      ],
      body: 'd',
    })
    expect(upgradeRequired('foo', { keepAlive: false }).headers[1]).toEqual(['Connection', 'Upgrade, close'])
  })
  it('may keep the connection, and names Upgrade in Connection all the same', () => {
    expect(toText(formatResponse(upgradeRequired(['foo/2', 'bar'], { keepAlive: true })))).toBe(
      'HTTP/1.1 426 Upgrade Required\r\nUpgrade: foo/2, bar\r\nConnection: Upgrade\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 17\r\n\r\nUpgrade Required\n',
    )
  })
})

describe('refuseUpgrade', () => {
  it('closes', () => {
    expect(refuseUpgrade(401, { headers: { 'www-authenticate': 'Basic realm="a"' } })).toEqual({
      status: 401,
      reason: 'Unauthorized',
      headers: [['Connection', 'close'], ['www-authenticate', 'Basic realm="a"'], type],
      body: 'Unauthorized\n',
    })
    expect(refuseUpgrade(404, { keepAlive: false }).headers[0]).toEqual(['Connection', 'close'])
  })
  it('may keep the connection', () => {
    expect(toText(formatResponse(refuseUpgrade(403, { keepAlive: true, body: '' })))).toBe(
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
    )
  })
  it('has a text of one’s own, or none, or the number of a status that has no phrase', () => {
    expect(refuseUpgrade(503, { body: 'later' })).toMatchObject({ body: 'later' })
    expect(refuseUpgrade(404, { body: '' }).headers).toEqual([['Connection', 'close']])
    expect(refuseUpgrade(599)).toMatchObject({ reason: '', body: '599\n' })
  })
})

it.each([[''], ['a b'], ['a/'], ['a\r\nb'], ['a, b'], [[]], [['a', '']]])('%j is no protocol', (protocols) => {
  expect(() => switchingProtocols(protocols)).toThrow(TypeError)
  expect(() => upgradeRequired(protocols)).toThrow(TypeError)
})

describe('mistakes', () => {
  it.each([101, 200, 204, 304, 600, Number.NaN])('%j is no refusal', (status) => {
    expect(() => refuseUpgrade(status)).toThrow(RangeError)
  })
  it('what an answer writes itself is not written twice', () => {
    expect(() => refuseUpgrade(403, { headers: { connection: 'keep-alive' } })).toThrow(TypeError)
    expect(() => upgradeRequired('foo', { headers: { Upgrade: 'bar' } })).toThrow(TypeError)
    expect(() => switchingProtocols('foo', [['CONNECTION', 'close']])).toThrow(TypeError)
  })
})
