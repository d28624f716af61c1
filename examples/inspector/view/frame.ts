/**
 * One frame: its first two bytes drawn bit by bit as in RFC 6455 §5.2, and its fields as a table.
 *
 * @module
 */

import type { Field } from '../model/fields.ts'
import type { Frame } from '../model/types.ts'
import { make } from './dom.ts'

/** Bits of each field in the first two bytes, in order. */
const widths: Readonly<Record<string, number>> = { FIN: 1, RSV1: 1, RSV2: 1, RSV3: 1, opcode: 4, MASK: 1, length: 7 }

/** Short names for phones. */
const short: Readonly<Record<string, string>> = { FIN: 'F', RSV1: 'R1', RSV2: 'R2', RSV3: 'R3', MASK: 'M' }

export function renderBits(frame: Frame, bytes: Uint8Array): HTMLElement {
  let bits = [0, 1].map((at) => (bytes[frame.start + at] ?? 0).toString(2).padStart(8, '0')).join('')
  const cells = frame.fields
    .filter(({ name }) => name in widths)
    .map((field) => {
      const width = widths[field.name] ?? 1
      const own = bits.slice(0, width)
      bits = bits.slice(width)
      return renderCell(field, own, width)
    })
  const scale = Array.from({ length: 16 }, (_, bit) => make('span', {}, String(bit)))
  const label = 'The first two bytes, bit by bit'
  return make(
    'div',
    { class: 'bits', role: 'img', 'aria-label': `${label}: ${frame.summary}` },
    make('div', { class: 'scale' }, ...scale),
    make('div', { class: 'cells' }, ...cells),
  )
}

function renderCell(field: Field, bits: string, width: number): HTMLElement {
  return make(
    'div',
    { class: `cell ${field.tone}`, style: `--bits: ${width}`, ...placeOf(field) },
    make(
      'span',
      { class: 'ones' },
      ...Array.from(bits, (bit) => make('b', { class: bit === '1' ? 'one' : 'zero' }, bit)),
    ),
    make(
      'span',
      { class: 'name', 'data-short': short[field.name] },
      field.name === 'length' ? 'payload length' : field.name,
    ),
  )
}

export function renderFields(frame: Frame): HTMLElement {
  const rows = frame.fields.map((field) =>
    make(
      'tr',
      { tabindex: '0', ...placeOf(field) },
      make('th', { scope: 'row' }, make('span', { class: `swatch ${field.tone}` }), field.name),
      make('td', { class: 'value' }, field.value),
      make('td', { class: 'note' }, field.note ?? ''),
      make('td', { class: 'place' }, rangeOf(field)),
    ),
  )
  return make(
    'table',
    { class: 'fields' },
    make('caption', { class: 'hidden' }, 'Fields of the frame'),
    make('tbody', {}, ...rows),
  )
}

function placeOf({ name, start, end }: Field): Record<string, string | number> {
  return { 'data-field': name, 'data-start': start, 'data-end': end }
}

export function rangeOf({ start, end }: { readonly start: number; readonly end: number }): string {
  return end - start === 1 ? `byte ${start}` : `${start}–${end - 1}`
}
