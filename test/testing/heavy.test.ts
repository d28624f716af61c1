import { expect, test } from 'vitest'
import { binary, continuation, text } from '../../src/cases/build.ts'
import type { Data, Outcome, Step } from '../../src/testing/case.ts'
import { dataBytes, dataSize } from '../../src/testing/data.ts'
import { isHeavy } from '../../src/testing/heavy.ts'
import { caseOf, open } from './agents.ts'

const mib = 1_048_576
const sending = (data: Data, repeat = 1): Step => ({ do: 'send', pieces: [{ frame: binary(data), repeat }] })

test.each<[what: string, heavy: boolean, steps: readonly Step[], when: Outcome['when']]>([
  ['a megabyte in a frame', true, [sending({ text: '*', repeat: mib })], {}],
  ['a byte less', false, [sending({ text: '*', repeat: mib - 1 })], {}],
  ['a megabyte in many frames', true, [sending({ random: 1024, seed: 1 }, 1024)], {}],
  [
    'a megabyte in several steps',
    true,
    [sending({ random: mib / 2, seed: 1 }), sending([{ hex: '00', repeat: mib / 2 }])],
    {},
  ],
  ['a megabyte of bytes', true, [{ do: 'send', pieces: [{ bytes: { hex: '00 01', repeat: mib / 2 } }] }], {}],
  // biome-ignore lint/suspicious/noThenProperty: a case is data, which no code awaits.
  ['a megabyte after the head', true, [open({ then: [{ frame: binary({ random: mib, seed: 1 }) }] })], {}],
  [
    'ten thousand frames',
    true,
    [{ do: 'send', pieces: [{ frame: text('', { fin: false }) }, { frame: continuation(''), repeat: 9999 }] }],
    {},
  ],
  ['a frame less', false, [sending('', 9999)], {}],
  [
    'a megabyte that comes back',
    true,
    [sending('small')],
    { messages: [{ text: { text: 'a', repeat: mib - 1 } }, { binary: 'b' }] },
  ],
  [
    'a length that is only announced',
    false,
    [{ do: 'send', pieces: [{ frame: binary('', { payloadLength: 2 ** 40 }) }] }],
    {},
  ],
  ['nothing', false, [open(), { do: 'end' }], { end: 'any' }],
])('%s: %j', (_, heavy, steps, when) => {
  expect(isHeavy(caseOf('server', steps, when))).toBe(heavy)
})

test.each<[Data]>([
  ['é'],
  [{ hex: '00 01 02' }],
  [{ hex: '00', repeat: 7 }],
  [{ text: 'é', repeat: 3 }],
  [{ random: 9, seed: 1 }],
  [['a', [{ random: 2, seed: 1 }, { text: 'b' }], { text: '', repeat: 5 }]],
])('computes the size of %j without its bytes', (data) => {
  expect(dataSize(data)).toBe(dataBytes(data).length)
})
