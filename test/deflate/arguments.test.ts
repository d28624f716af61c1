/** Invalid arguments to every public function of permessage-deflate: the error is always ours, never the engine's own. */

import { describe, expect, it } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import * as deflate from '../../src/deflate/index.ts'
import { ProtocolError } from '../../src/errors.ts'
import { paramsOf } from './messages.ts'

const {
  answerDeflateOffer,
  deflateMemory,
  deflateTransform,
  negotiateDeflate,
  offerDeflate,
  permessageDeflate,
  verifyDeflateResponse,
} = deflate as unknown as Record<string, (...args: unknown[]) => unknown>
const call = (name: unknown, ...args: unknown[]) => (name as (...args: unknown[]) => unknown)(...args)

const codecNeeded = '`codec` must be an object, not '
const unknown = (name: string, option: string, meant?: string) =>
  `${name}: unknown option "${option}"${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`
const options = 'the options of permessageDeflate'
const preferences = 'the preferences'
const pairs = 'must be an array of [name, value], not'

describe('the options of permessageDeflate', () => {
  it.each<[title: string, args: unknown[], kind: typeof TypeError, message: string]>([
    ['none', [], TypeError, `${options} must be an object, not undefined`],
    ['null', [null], TypeError, `${options} must be an object, not null`],
    ['a list', [[zlib]], TypeError, `${options} must be an object, not an array`],
    ['the codec itself', [zlib], TypeError, 'expected `{ codec }`, not the codec itself'],
    ['no codec', [{}], TypeError, `${codecNeeded}undefined`],
    ['the name of a codec', [{ codec: 'zlib' }], TypeError, `${codecNeeded}"zlib"`],
    [
      'a codec that lacks a member',
      [{ codec: { ...pako, createDecompressor: undefined } }],
      TypeError,
      '`codec.createDecompressor` must be a function, not undefined',
    ],
    [
      'a codec without a name',
      [{ codec: { ...pako, name: undefined } }],
      TypeError,
      '`codec.name` must be a string, not undefined',
    ],
    [
      'a codec without minWindowBits',
      [{ codec: { ...pako, minWindowBits: undefined } }],
      TypeError,
      '`codec.minWindowBits` must be a whole number from 8 to 15, not undefined',
    ],
    [
      'a codec with an invalid minWindowBits',
      [{ codec: { ...pako, minWindowBits: 7 } }],
      RangeError,
      '`codec.minWindowBits` must be a whole number from 8 to 15, not 7',
    ],
    [
      'node:zlib',
      [{ codec: { deflateRawSync() {} } }],
      TypeError,
      '`codec.createCompressor` must be a function, not undefined',
    ],
    ['windowBits', [{ codec: pako, windowBits: 9 }], TypeError, unknown(options, 'windowBits', 'serverMaxWindowBits')],
    ['a typo', [{ codec: pako, threshhold: 5 }], TypeError, unknown(options, 'threshhold', 'threshold')],
    [
      'the name used in the handshake',
      [{ codec: pako, server_max_window_bits: 10 }],
      TypeError,
      unknown(options, 'server_max_window_bits', 'serverMaxWindowBits'),
    ],
    [
      'zlibDeflateOptions of ws',
      [{ codec: pako, zlibDeflateOptions: {} }],
      TypeError,
      unknown(options, 'zlibDeflateOptions', 'level'),
    ],
    [
      'concurrencyLimit of ws',
      [{ codec: pako, concurrencyLimit: 10 }],
      TypeError,
      unknown(options, 'concurrencyLimit', 'maxCompressors'),
    ],
    ['something else', [{ codec: pako, nothing: 1 }], TypeError, unknown(options, 'nothing')],
    ['level as a string', [{ codec: pako, level: '5' }], TypeError, '`level` must be a number, not a string'],
    ['level of 10', [{ codec: pako, level: 10 }], RangeError, '`level` must be a whole number from -1 to 9, not 10'],
    [
      'memLevel of 0',
      [{ codec: pako, memLevel: 0 }],
      RangeError,
      '`memLevel` must be a whole number from 1 to 9, not 0',
    ],
    [
      'negative threshold',
      [{ codec: pako, threshold: -1 }],
      RangeError,
      '`threshold` must be a whole number from 0 on, not -1',
    ],
    [
      'threshold of NaN',
      [{ codec: pako, threshold: Number.NaN }],
      RangeError,
      '`threshold` must be a whole number from 0 on, not NaN',
    ],
    ['threshold null', [{ codec: pako, threshold: null }], TypeError, '`threshold` must be a number, not null'],
    [
      'maxCompressors of 0',
      [{ codec: pako, maxCompressors: 0 }],
      RangeError,
      '`maxCompressors` must be a whole number from 1 on, not 0',
    ],
    [
      'a window as a string',
      [{ codec: pako, serverMaxWindowBits: '10' }],
      TypeError,
      '`serverMaxWindowBits` must be a number, not a string',
    ],
    [
      'a flag as a string',
      [{ codec: pako, clientNoContextTakeover: 'yes' }],
      TypeError,
      '`clientNoContextTakeover` must be true or false, not "yes"',
    ],
  ])('%s', (_title, args, kind, message) => {
    expect(() => call(permessageDeflate, ...args)).toThrow(kind)
    expect(() => call(permessageDeflate, ...args)).toThrow(message)
  })

  it('`undefined` means absent', () => {
    const extension = deflate.permessageDeflate({
      codec: pako,
      threshold: undefined,
      level: undefined,
      serverMaxWindowBits: undefined,
      demand: undefined,
    })
    expect(extension.offer()).toEqual([[['client_max_window_bits', true]]])
  })
})

describe('the other functions', () => {
  const params = paramsOf()
  it.each<[title: string, run: () => unknown, message: string]>([
    ['answerDeflateOffer()', () => call(answerDeflateOffer), `the offer ${pairs} undefined`],
    ['answerDeflateOffer(text)', () => call(answerDeflateOffer, 'x'), `the offer ${pairs} "x"`],
    ['answerDeflateOffer of names', () => call(answerDeflateOffer, ['x']), `the offer ${pairs} "x"`],
    [
      'answerDeflateOffer of a number',
      () => call(answerDeflateOffer, [['server_max_window_bits', 10]]),
      `the offer ${pairs} an array`,
    ],
    [
      'answerDeflateOffer, a flag',
      () => call(answerDeflateOffer, [], { serverNoContextTakeover: null }),
      '`serverNoContextTakeover` must be true or false, not null',
    ],
    [
      'offerDeflate, a window',
      () => call(offerDeflate, { clientMaxWindowBits: null }),
      '`clientMaxWindowBits` must be a number, not null',
    ],
    [
      'offerDeflate, a capability',
      () => call(offerDeflate, {}, { minWindowBits: null }),
      '`minWindowBits` must be a number, not null',
    ],
    [
      'deflateMemory, a setting',
      () => call(deflateMemory, params, 'server', { memLevel: null }),
      '`memLevel` must be a number, not null',
    ],
    [
      'answerDeflateOffer, preferences',
      () => call(answerDeflateOffer, [], null),
      `${preferences} must be an object, not null`,
    ],
    [
      'answerDeflateOffer, unknown preference',
      () => call(answerDeflateOffer, [], { serverWindowBits: 10 }),
      unknown(preferences, 'serverWindowBits', 'serverMaxWindowBits'),
    ],
    [
      'answerDeflateOffer, capabilities',
      () => call(answerDeflateOffer, [], {}, 9),
      'the capabilities must be an object, not 9',
    ],
    [
      'answerDeflateOffer, unknown capability',
      () => call(answerDeflateOffer, [], {}, { minWindowsBits: 9 }),
      unknown('the capabilities', 'minWindowsBits', 'minWindowBits'),
    ],
    ['negotiateDeflate()', () => call(negotiateDeflate), 'the offers must be an array, not undefined'],
    [
      'negotiateDeflate(field)',
      () => call(negotiateDeflate, 'permessage-deflate'),
      'the offers must be an array, not a string',
    ],
    [
      'negotiateDeflate of names',
      () => call(negotiateDeflate, ['permessage-deflate']),
      'an offer must be an object, not',
    ],
    [
      'negotiateDeflate without parameters',
      () => call(negotiateDeflate, [{ name: 'permessage-deflate' }]),
      `the offer ${pairs} undefined`,
    ],
    ['offerDeflate(codec)', () => call(offerDeflate, pako), unknown(preferences, 'name')],
    ['offerDeflate(number)', () => call(offerDeflate, 10), `${preferences} must be an object, not 10`],
    ['verifyDeflateResponse()', () => call(verifyDeflateResponse), 'the offers must be an array, not undefined'],
    ['verifyDeflateResponse, no offers', () => call(verifyDeflateResponse, []), 'the offers must be an array'],
    ['verifyDeflateResponse(text)', () => call(verifyDeflateResponse, 'x', []), `the response ${pairs} "x"`],
    [
      'verifyDeflateResponse of entries',
      () => call(verifyDeflateResponse, [], [{ name: 'permessage-deflate', params: [] }]),
      `the offer ${pairs} an object`,
    ],
    [
      'deflateTransform, parameters',
      () => call(deflateTransform, undefined, 'server', pako),
      'the parameters of permessage-deflate must be an object, not undefined',
    ],
    [
      'deflateTransform, role',
      () => call(deflateTransform, params, undefined, pako),
      "the role must be 'client' or 'server', not undefined",
    ],
    ['deflateTransform, codec', () => call(deflateTransform, params, 'server'), `${codecNeeded}undefined`],
    [
      'deflateTransform, options',
      () => call(deflateTransform, params, 'server', pako, null),
      'the options of deflateTransform must be an object, not null',
    ],
    [
      'deflateTransform, unknown option',
      () => call(deflateTransform, params, 'server', pako, { Threshold: 5 }),
      unknown('the options of deflateTransform', 'Threshold', 'threshold'),
    ],
    [
      'deflateTransform, flags',
      () => call(deflateTransform, { ...params, serverNoContextTakeover: undefined }, 'server', pako),
      '`serverNoContextTakeover` must be true or false, not undefined',
    ],
    [
      'deflateMemory()',
      () => call(deflateMemory),
      'the parameters of permessage-deflate must be an object, not undefined',
    ],
    [
      'deflateMemory, role',
      () => call(deflateMemory, params, 'Server'),
      "the role must be 'client' or 'server', not \"Server\"",
    ],
    [
      'deflateMemory, settings',
      () => call(deflateMemory, params, 'server', { memlevel: 8 }),
      unknown('the settings of deflateMemory', 'memlevel', 'memLevel'),
    ],
    ['open, params', () => call(deflate.permessageDeflate({ codec: pako }).open, null, 'server'), 'the parameters of'],
    ['open, role', () => call(deflate.permessageDeflate({ codec: pako }).open, params), 'the role must be'],
    ['accept', () => call(deflate.permessageDeflate({ codec: pako }).accept), `the offer ${pairs} undefined`],
    ['verify', () => call(deflate.permessageDeflate({ codec: pako }).verify, []), 'the offers must be an array'],
  ])('%s', (_title, run, message) => {
    expect(run).toThrow(TypeError)
    expect(run).toThrow(message)
  })

  it('a codec is accepted as capabilities, whatever other members it has', () => {
    const codec = { ...pako, minWindowBits: 9, extra: true }
    expect(deflate.offerDeflate({ clientMaxWindowBits: 8 }, codec)).toEqual([[['client_max_window_bits', '9']]])
  })
})

it('no argument makes a function throw the engine’s own error', () => {
  const odd = [
    undefined,
    null,
    0,
    Number.NaN,
    '',
    'x',
    true,
    [],
    [1],
    [null],
    [[]],
    {},
    { name: 1 },
    () => {},
    Symbol('x'),
  ]
  const engines = /undefined \(reading|is not (a function|iterable|defined)|Cannot|destructure|Symbol value|before init/
  const judge = (name: string, value: unknown, args: unknown[]) => {
    try {
      call(value, ...args)
    } catch (error) {
      const known = error instanceof TypeError || error instanceof RangeError || error instanceof ProtocolError
      if (!known || engines.test(error.message)) expect.fail(`${name}: ${String(error)}`)
    }
  }
  const triples = odd.flatMap((first) => odd.flatMap((second) => odd.map((third) => [first, second, third])))
  for (const [name, value] of Object.entries(deflate))
    if (typeof value === 'function' && name !== 'ProtocolError') for (const args of triples) judge(name, value, args)
})
