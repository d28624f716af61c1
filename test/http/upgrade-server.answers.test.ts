/** Tests the exact bytes of a server's responses to an upgrade: switch, require, refuse (RFC 9110 §15.2.2, §15.5.22). */

import { describe, expect, it } from 'vitest'
import { formatResponse, formatResponseHead } from '../../src/http/head-format.ts'
import type { HeaderPairs } from '../../src/http/headers.ts'
import { toHttp2Headers } from '../../src/http/http2-headers.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { acceptTunnel, offerTunnel } from '../../src/http/tunnel.ts'
import { expectsContinue, refuseUpgrade, switchingProtocols, upgradeRequired } from '../../src/http/upgrade-server.ts'
import { readInEverySplit, toText } from './head.ts'

const type = ['Content-Type', 'text/plain; charset=utf-8']

describe('switchingProtocols', () => {
  it('names the new protocol, then adds the extra headers', () => {
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
  it('writes a 100 first if the request waits for one (RFC 9110 §7.8)', () => {
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
  it('is read by a client without the 100, and with the first bytes of the new protocol', () => {
    const switched = switchingProtocols(['foo', 'bar/1'], { a: 'b' }, true)
    const { status, reason, headers } = switched
    const wire = toText(formatResponse(switched))
    expect(readInEverySplit(() => new ResponseHeadParser(), `${wire}HTTP/1.1`)).toEqual({
      ok: true,
      head: { status, reason, httpVersion: '1.1', headers },
      size: wire.length - 'HTTP/1.1 100 Continue\r\n\r\n'.length,
      rest: 'HTTP/1.1',
    })
  })
})

describe('upgradeRequired', () => {
  it('names the required protocols, and closes the connection', () => {
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
  it('may keep the connection open, and still lists Upgrade in Connection', () => {
    expect(toText(formatResponse(upgradeRequired(['foo/2', 'bar'], { keepAlive: true })))).toBe(
      'HTTP/1.1 426 Upgrade Required\r\nUpgrade: foo/2, bar\r\nConnection: Upgrade\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 17\r\n\r\nUpgrade Required\n',
    )
  })
})

describe('refuseUpgrade', () => {
  it('closes the connection', () => {
    expect(refuseUpgrade(401, { headers: { 'www-authenticate': 'Basic realm="a"' } })).toEqual({
      status: 401,
      reason: 'Unauthorized',
      headers: [['Connection', 'close'], ['www-authenticate', 'Basic realm="a"'], type],
      body: 'Unauthorized\n',
    })
    expect(refuseUpgrade(404, { keepAlive: false }).headers[0]).toEqual(['Connection', 'close'])
  })
  it('may keep the connection open', () => {
    expect(toText(formatResponse(refuseUpgrade(403, { keepAlive: true, body: '' })))).toBe(
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
    )
  })
  it('has the given text, no text, or the number of a status without a phrase', () => {
    expect(refuseUpgrade(503, { body: 'later' })).toMatchObject({ body: 'later' })
    expect(refuseUpgrade(404, { body: '' }).headers).toEqual([['Connection', 'close']])
    expect(refuseUpgrade(599)).toMatchObject({ reason: '', body: '599\n' })
  })
})

it.each([[''], ['a b'], ['a/'], ['a\r\nb'], ['a, b'], [[]], [['a', '']]])('throws for the protocol %j', (protocols) => {
  expect(() => switchingProtocols(protocols)).toThrow(TypeError)
  expect(() => upgradeRequired(protocols)).toThrow(TypeError)
})

describe('a response to HEAD', () => {
  it('drops the body and keeps the fields that describe it', () => {
    const length = (size: number) => [type, ['Content-Length', String(size)]]
    expect(refuseUpgrade(404, { method: 'HEAD' })).toMatchObject({
      headers: [['Connection', 'close'], ...length(10)],
      body: '',
    })
    expect(upgradeRequired('foo', { method: 'HEAD', body: 'é' })).toMatchObject({
      headers: [['Upgrade', 'foo'], ['Connection', 'Upgrade, close'], ...length(2)],
      body: '',
    })
    expect(toText(formatResponse(refuseUpgrade(404, { method: 'HEAD' })))).toBe(
      'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\n\r\n',
    )
    expect(refuseUpgrade(404, { method: 'GET' }).body).toBe('Not Found\n')
  })
})

describe('the field that a status requires', () => {
  it.each([
    [401, 'WWW-Authenticate', 'Basic realm="a"', '§15.5.2'],
    [405, 'Allow', 'GET', '§15.5.6'],
    [407, 'Proxy-Authenticate', 'Basic realm="a"', '§15.5.8'],
  ])('a %i must have %s', (status, name, value, section) => {
    const needs = new TypeError(`\`headers\` of a ${status} must have ${name} (RFC 9110 ${section})`)
    expect(() => refuseUpgrade(status)).toThrow(needs)
    expect(() => refuseUpgrade(status, { headers: { [`x-${name}`]: value } })).toThrow(needs)
    for (const spelled of [name, name.toLowerCase()])
      expect(refuseUpgrade(status, { headers: { [spelled]: value } }).headers).toContainEqual([spelled, value])
  })
  it('must not be an empty challenge, but may be an empty list of methods', () => {
    expect(() => refuseUpgrade(401, { headers: { 'www-authenticate': ' ' } })).toThrow('WWW-Authenticate')
    expect(refuseUpgrade(405, { headers: { allow: '' } }).status).toBe(405)
  })
  it('is not needed for other statuses', () => {
    for (let status = 300; status <= 599; status++)
      if (![304, 401, 405, 407, 426].includes(status)) expect(refuseUpgrade(status).status).toBe(status)
  })
})

describe('invalid arguments', () => {
  it.each([101, 200, 204, 304, 600, Number.NaN])('refuseUpgrade rejects the status %j', (status) => {
    expect(() => refuseUpgrade(status)).toThrow(RangeError)
  })
  it.each<[string, (headers: HeaderPairs) => unknown]>([
    ['switchingProtocols', (headers) => switchingProtocols('foo', headers)],
    ['upgradeRequired', (headers) => upgradeRequired('foo', { headers })],
    ['refuseUpgrade', (headers) => refuseUpgrade(403, { headers })],
    ['acceptTunnel', (headers) => acceptTunnel(offerTunnel('a', 443), { headers })],
    ['offerTunnel', (headers) => offerTunnel('a', 443, { headers })],
    ['toHttp2Headers', (headers) => toHttp2Headers({ status: 200, headers })],
    ['formatResponse', (headers) => formatResponse({ status: 200, headers })],
    ['formatResponseHead', (headers) => formatResponseHead({ status: 200, headers })],
  ])('%s rejects an invalid field, and names it without its value', (_, build) => {
    for (const value of ['secret\r\nb', 'secret\0', 'secret\u0100', 'secret\x7f'])
      expect(() => build([['X-A', value]])).toThrow(/^(?!.*secret).*X-A/)
    for (const value of ['secret\nb', 5, null, undefined, ['secret']])
      expect(() => build([['X-A', value as string]])).toThrow(TypeError)
    for (const name of ['', 'a b', 'a:', 'a\r\nb', 'é', 5, null])
      expect(() => build([[name as string, 'secret']])).toThrow(/^(?!.*secret)/)
    for (const name of ['', 'a b', 'a:', 'a\r\nb', 'é', 5, null])
      expect(() => build([[name as string, 'secret']])).toThrow(TypeError)
    expect(build([['X-A', ' é\tb ']])).toBeDefined()
  })
  it('are rejected if a field contradicts the body', () => {
    for (const headers of [{ 'Transfer-Encoding': 'chunked' }, { 'Content-Length': 9 }, { 'content-length': '' }]) {
      expect(() => refuseUpgrade(403, { headers })).toThrow(/Transfer-Encoding|Content-Length/)
      expect(() => refuseUpgrade(403, { headers, method: 'HEAD' })).toThrow(TypeError)
      expect(() => upgradeRequired('foo', { headers })).toThrow(TypeError)
      expect(() => switchingProtocols('foo', headers)).toThrow(/Transfer-Encoding|Content-Length/)
      expect(() => acceptTunnel(offerTunnel('a', 443), { headers })).toThrow(TypeError)
    }
    for (const method of ['GET', 'HEAD']) {
      const answer = refuseUpgrade(403, { method, body: 'é', headers: { 'Content-Length': 2 } })
      expect(toText(formatResponse(answer)).match(/content-length: 2/gi)).toHaveLength(1)
    }
  })
  it('are rejected if they contain a field that the response writes itself', () => {
    expect(() => refuseUpgrade(403, { headers: { connection: 'keep-alive' } })).toThrow(TypeError)
    expect(() => upgradeRequired('foo', { headers: { Upgrade: 'bar' } })).toThrow(TypeError)
    expect(() => switchingProtocols('foo', [['CONNECTION', 'close']])).toThrow(TypeError)
  })
})
