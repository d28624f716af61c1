/** Tests the responses to an offered upgrade: switched, ignored, required, or invalid (RFC 9110 §7.8). */

import { describe, expect, it } from 'vitest'
import type { HeaderSource } from '../../src/http/headers.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { verifyUpgrade } from '../../src/http/upgrade-client.ts'
import { latin1 } from './head.ts'

const offered = ['example/1', 'foo', 'TLS/1.0', 'HTTP/1.1'] as const
const switched = (upgrade: string | string[] | undefined, connection: string | undefined = 'Upgrade') =>
  verifyUpgrade({ status: 101, headers: { upgrade, connection } }, offered)

it.each([Response.error(), { ':status': 'abc' }, { statusCode: 0, rawHeaders: [] }])(
  'rejects a response without a status',
  (none) => {
    const verified = verifyUpgrade(none, offered)
    expect(verified).toMatchObject({ ok: false, kind: 'invalid', status: 0, errors: [{ code: 'status' }] })
  },
)

describe('a 101', () => {
  it.each<[string | string[], string[]]>([
    ['example/1', ['example/1']],
    ['EXAMPLE/1', ['example/1']],
    ['foo', ['foo']],
    [',foo,', ['foo']],
    ['TLS/1.0, HTTP/1.1', ['TLS/1.0', 'HTTP/1.1']],
    [
      ['tls/1.0', 'http/1.1'],
      ['TLS/1.0', 'HTTP/1.1'],
    ],
    ['foo, example/1', ['foo', 'example/1']],
  ])('with Upgrade: %j switches to %j, lowest layer first, as offered', (upgrade, protocols) => {
    expect(switched(upgrade)).toEqual({ ok: true, kind: 'switched', protocols })
  })
  it('may have other connection options, and a Content-Length, which has no meaning in a 1xx', () => {
    expect(switched('foo', 'keep-alive, UPGRADE')).toMatchObject({ kind: 'switched' })
    const headers = { upgrade: 'foo', connection: ['x', 'upgrade'], 'content-length': '5' }
    expect(verifyUpgrade({ status: 101, headers }, offered)).toMatchObject({ kind: 'switched' })
  })
  it.each(['2', '3'] as const)('is invalid in HTTP/%s (RFC 9113 §8.6)', (httpVersion) => {
    const headers = { upgrade: 'foo', connection: 'upgrade' }
    expect(verifyUpgrade({ status: 101, httpVersion, headers }, offered)).toMatchObject({
      ok: false,
      kind: 'invalid',
      status: 101,
      errors: [{ code: 'status', reference: 'RFC 9113 §8.6' }],
    })
  })
  it('is invalid in HTTP/1.0, from any source (RFC 9110 §15.2)', () => {
    const rawHeaders = ['Upgrade', 'foo', 'Connection', 'upgrade']
    const refused = { ok: false, kind: 'invalid', errors: [{ code: 'http-version', reference: 'RFC 9110 §15.2' }] }
    expect(verifyUpgrade({ statusCode: 101, httpVersion: '1.0', rawHeaders }, offered)).toMatchObject(refused)
    expect(verifyUpgrade({ status: 101, httpVersion: '1.0', headers: rawHeaders }, offered)).toMatchObject(refused)
  })
  it('switches to the entry with the same version', () => {
    const answer = (upgrade: string) => ({ status: 101, headers: { upgrade, connection: 'upgrade' } })
    expect(verifyUpgrade(answer('FOO/2'), ['foo', 'foo/2'])).toMatchObject({ protocols: ['foo/2'] })
    expect(verifyUpgrade(answer('foo'), ['foo/2', 'foo'])).toMatchObject({ protocols: ['foo'] })
    expect(verifyUpgrade(answer('foo/3'), ['foo/2', 'foo'])).toMatchObject({ ok: false, kind: 'invalid' })
  })
  it.each<[string, string | string[] | undefined, string | undefined, [code: string, reference: string][]]>([
    ['a protocol that was not offered', 'bar', 'Upgrade', [['upgrade-not-offered', 'RFC 9110 §7.8']]],
    ['another version', 'example/2', 'Upgrade', [['upgrade-not-offered', 'RFC 9110 §7.8']]],
    ['no version although one was offered', 'example', 'Upgrade', [['upgrade-not-offered', 'RFC 9110 §7.8']]],
    [
      'a protocol that was not offered beside one that was',
      'foo, bar',
      'Upgrade',
      [['upgrade-not-offered', 'RFC 9110 §7.8']],
    ],
    ['an inherited name', 'constructor', 'Upgrade', [['upgrade-not-offered', 'RFC 9110 §7.8']]],
    ['no Upgrade', undefined, 'Upgrade', [['upgrade-missing', 'RFC 9110 §7.8']]],
    ['an empty Upgrade', ' , ', 'Upgrade', [['upgrade-missing', 'RFC 9110 §7.8']]],
    ['an invalid protocol', 'foo, @', 'Upgrade', [['head-syntax', 'RFC 9110 §7.8']]],
    ['too many empty elements', `foo${','.repeat(101)}`, 'Upgrade', [['head-syntax', 'RFC 9110 §5.6.1.2']]],
    ['another Connection', 'foo', 'x-upgrade', [['connection-missing', 'RFC 9110 §7.8']]],
    ['a Connection of empty elements', 'foo', ','.repeat(101), [['head-syntax', 'RFC 9110 §5.6.1.2']]],
    [
      'all of these errors',
      'bar, baz',
      '',
      [
        ['upgrade-not-offered', 'RFC 9110 §7.8'],
        ['upgrade-not-offered', 'RFC 9110 §7.8'],
        ['connection-missing', 'RFC 9110 §7.8'],
      ],
    ],
  ])('is invalid with %s', (_, upgrade, connection, errors) => {
    const outcome = switched(upgrade, connection)
    expect(outcome).toMatchObject({ ok: false, kind: 'invalid', status: 101 })
    expect(outcome.ok === false && outcome.errors.map(({ code, reference }) => [code, reference])).toEqual(errors)
  })
  it('without Connection is invalid', () => {
    expect(verifyUpgrade({ status: 101, headers: { upgrade: 'foo' } }, offered)).toMatchObject({
      errors: [{ code: 'connection-missing', message: 'the 101 has no Connection: Upgrade' }],
    })
    expect(verifyUpgrade({ status: 101 }, offered)).toMatchObject({
      errors: [{ code: 'upgrade-missing' }, { code: 'connection-missing' }],
    })
  })
  it('is invalid if nothing was offered', () => {
    expect(verifyUpgrade({ status: 101, headers: { upgrade: 'foo', connection: 'upgrade' } }, [])).toMatchObject({
      errors: [{ code: 'upgrade-not-offered' }],
    })
  })
  it('is repeated only in part in an error, in visible ASCII', () => {
    const outcome = switched(`\x9b\x1b[2J${'x'.repeat(60_000)}`)
    expect(outcome.ok === false && outcome.errors[0].message).toMatch(/^[ -~]{50,250}$/)
    const long = switched('y'.repeat(60_000))
    expect(long.ok === false && long.errors[0].message).toMatch(/^"y{100}"\.\.\. was not offered$/)
  })
})

describe('any other response', () => {
  const verify = (status: number, headers: HeaderSource = []) => verifyUpgrade({ status, headers }, offered)

  it.each([200, 204, 302, 400, 401, 404, 500, 503])('with %i ignores the offer', (status) => {
    expect(verify(status)).toEqual({ ok: true, kind: 'ignored', status, advertised: [] })
  })
  it('may advertise the protocols of the server, offered or not', () => {
    expect(verify(200, { upgrade: ['bar/2, foo', 'h2c'], connection: 'upgrade' })).toEqual({
      ok: true,
      kind: 'ignored',
      status: 200,
      advertised: [
        { name: 'bar', version: '2' },
        { name: 'foo', version: undefined },
        { name: 'h2c', version: undefined },
      ],
    })
  })
  it('advertises nothing if Upgrade is invalid', () => {
    for (const upgrade of ['@', '', `foo${','.repeat(101)}`])
      expect(verify(200, { upgrade })).toEqual({ ok: true, kind: 'ignored', status: 200, advertised: [] })
  })
  it('with 426 lists the required protocols, best first (RFC 9110 §15.5.22)', () => {
    expect(verify(426, { upgrade: 'bar/2, foo', connection: 'upgrade, close' })).toEqual({
      ok: true,
      kind: 'required',
      status: 426,
      protocols: [
        { name: 'bar', version: '2' },
        { name: 'foo', version: undefined },
      ],
    })
  })
  it.each([undefined, '', ',', '@'])('with 426 and Upgrade: %j ignores the offer', (upgrade) => {
    expect(verify(426, { upgrade })).toEqual({ ok: true, kind: 'ignored', status: 426, advertised: [] })
  })
})

describe('the source of a response', () => {
  it('may be our parser’s success, after a 100', () => {
    const wire = 'HTTP/1.1 100 x\r\n\r\nHTTP/1.1 101 x\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\nrest'
    const parsed = new ResponseHeadParser().push(latin1(wire))
    expect(parsed && verifyUpgrade(parsed, offered)).toEqual({ ok: true, kind: 'switched', protocols: ['foo'] })
  })
  it('may be our parser’s failure, returned unchanged', () => {
    for (const wire of [
      'SSH-2.0-OpenSSH_9.6\r\n',
      'HTTP/1.1 101 x\r\nUpgrade : foo\r\n',
      'HTTP/1.1 103 x\r\n\r\n'.repeat(9),
    ]) {
      const parsed = new ResponseHeadParser().push(latin1(wire))
      expect(parsed).toMatchObject({ ok: false, kind: 'invalid', status: undefined })
      expect(parsed && verifyUpgrade(parsed, offered)).toBe(parsed)
    }
  })
  it('must have a complete head', () => {
    const heads = new ResponseHeadParser()
    expect(heads.push(latin1('HTTP/1.1 101 x\r\nUpgrade: foo\r\nConnec'))).toBeUndefined()
    const parsed = heads.push(latin1('tion: upgrade\r\n\r\n'))
    expect(parsed && verifyUpgrade(parsed, offered)).toMatchObject({ kind: 'switched' })
  })
  it('may be Node’s IncomingMessage or a Fetch Response', () => {
    const rawHeaders = ['Upgrade', 'TLS/1.0', 'upgrade', 'HTTP/1.1', 'Connection', 'Upgrade']
    expect(verifyUpgrade({ statusCode: 101, rawHeaders }, offered)).toMatchObject({
      protocols: ['TLS/1.0', 'HTTP/1.1'],
    })
    const response = new Response('', { status: 426, headers: { upgrade: 'foo' } })
    expect(verifyUpgrade(response as { status: number; headers: Headers }, offered)).toMatchObject({ kind: 'required' })
  })
})

it('rejects an invalid field section', () => {
  const found = verifyUpgrade({ httpVersion: '2', fields: [[':method', 'GET']] }, offered)
  expect(found).toMatchObject({ ok: false, kind: 'invalid', status: undefined, errors: [{ code: 'pseudo-header' }] })
})
