/** A `ProtocolError` thrown by an extension declines an offer or fails an answer; other errors pass through. */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import { type DefinedExtension, getParam } from '../../src/extensions/extension.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { answer, KEY, opening } from '../handshake/opening.ts'

/** Accepts `level=1`, throws for other levels, and returns undefined without one. */
function telling(name: string, rsv: number): DefinedExtension<1> {
  const take = (value: string | true | undefined): 1 | undefined => {
    if (value === undefined) return undefined
    if (value === '1') return 1
    throw new ProtocolError('extension', `${name} has level ${value}`, { reference: 'a level' })
  }
  return defineExtension({
    name,
    rsv,
    offer: () => [{ level: 2 }, { level: 1 }],
    accept(offer) {
      const params = take(getParam(offer, 'level'))
      return params === undefined ? undefined : { params, response: { level: params } }
    },
    verify: (response) => take(getParam(response, 'level')),
    open: () => ({ encode: (piece) => piece, decode: (piece) => piece }),
  })
}

const extensions = [telling('x-a', Rsv.RSV2), telling('x-b', Rsv.RSV3)]
const offered = (text: string) => opening({ 'Sec-WebSocket-Extensions': text })

describe('a server', () => {
  it.each<[string, string[], string[]]>([
    ['x-a; level=1', ['x-a'], []],
    ['x-a; level=2, x-a; level=1', ['x-a'], ['x-a has level 2']],
    // Offers after the accepted one are not tried.
    ['x-a; level=2, x-a; level=1, x-a; level=3', ['x-a'], ['x-a has level 2']],
    ['x-b; level=3, x-a; level=2, x-b; level=1', ['x-b'], ['x-b has level 3', 'x-a has level 2']],
    ['x-a; level=2, x-a; level=3', [], ['x-a has level 2', 'x-a has level 3']],
    ['x-a, x-unknown; level=2', [], []],
  ])('%s', (text, agreed, reasons) => {
    const accepted = acceptHandshake(offered(text), { extensions })
    if (!accepted.ok) throw accepted.errors[0]
    expect(accepted.extensions.map(({ name }) => name)).toEqual(agreed)
    expect(accepted.declined.map(({ message }) => message)).toEqual(reasons)
    for (const reason of accepted.declined) expect(reason).toBeInstanceOf(ProtocolError)
  })
  it('has no reasons if nothing was declined', () => {
    expect(acceptHandshake(opening(), { extensions })).toMatchObject({ ok: true, declined: [] })
    expect(acceptHandshake(opening())).toMatchObject({ ok: true, declined: [] })
  })
  it('ignores further offers after 32 declined with a reason', () => {
    const bad = (count: number) => 'x-a; level=2, '.repeat(count)
    const last = (count: number) => acceptHandshake(offered(`${bad(count)}x-b; level=1`), { extensions })
    expect(last(31)).toMatchObject({ ok: true, extensions: [{ name: 'x-b' }], declined: { length: 31 } })
    for (const count of [32, 500]) expect(last(count)).toMatchObject({ extensions: [], declined: { length: 32 } })
  })
  it('lets other errors pass', () => {
    const mistake = new RangeError('mine')
    const broken = defineExtension({
      ...telling('x-a', 0),
      accept() {
        throw mistake
      },
    })
    expect(() => acceptHandshake(offered('x-a'), { extensions: [broken] })).toThrow(mistake)
  })
})

describe('a client', () => {
  const answered = (text: string, list: readonly DefinedExtension[] = extensions) => {
    const offer = offerHandshake('ws://a.example/', { extensions: list, key: KEY })
    return verifyHandshake(answer({ 'Sec-WebSocket-Extensions': text }), offer)
  }
  it('reports its extension’s error unchanged', () => {
    const rejected = answered('x-a; level=3')
    expect(rejected).toMatchObject({ ok: false, kind: 'invalid', status: 101 })
    expect(!rejected.ok && rejected.errors.map((error) => error.toJSON())).toEqual([
      { code: 'extension', message: 'x-a has level 3', reference: 'a level' },
    ])
  })
  it('reports its own error if the extension gives none', () => {
    expect(answered('x-a')).toMatchObject({
      ok: false,
      errors: [{ message: 'the 101 names "x-a", which fits none of the offers (x-a; level=2, x-a; level=1)' }],
    })
  })
  it('reports it among other errors, in order', () => {
    const offer = offerHandshake('ws://a.example/', { extensions, key: KEY })
    const headers = {
      'Sec-WebSocket-Accept': 'x',
      'Sec-WebSocket-Extensions': 'x-a; level=3',
      'Sec-WebSocket-Protocol': 'x',
    }
    const rejected = verifyHandshake(answer(headers), offer)
    expect(!rejected.ok && rejected.errors.map(({ code }) => code)).toEqual(['accept', 'extension', 'subprotocol'])
  })
  it('lets other errors pass', () => {
    const mistake = new RangeError('mine')
    const broken = defineExtension({
      ...telling('x-a', 0),
      verify() {
        throw mistake
      },
    })
    expect(() => answered('x-a; level=1', [broken])).toThrow(mistake)
  })
})
