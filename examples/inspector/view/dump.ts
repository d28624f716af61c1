/**
 * The hex dump: each byte in the color of its field, with payloads beside it as characters, unmasked. A single tab stop; arrow
 * keys move inside.
 *
 * @module
 */

import type { Field } from '../model/fields.ts'
import type { Stream } from '../model/frames.ts'
import type { Frame } from '../model/types.ts'
import { make } from './dom.ts'

/** More bytes than this make a page slow, and nobody reads them. */
const MAX_SHOWN = 4096

export function renderDump(bytes: Uint8Array, stream: Stream, width: number): HTMLElement {
  const cells = Array.from(bytes.subarray(0, MAX_SHOWN), (byte, at) => ({
    byte,
    at,
    label: 'not all of a header',
    classes: 'byte',
    text: '·',
  }))
  for (const [number, frame] of stream.frames.entries()) dressFrame(cells, frame, number)
  for (const { start, end } of stream.errors) for (const cell of cells.slice(start, end)) cell.classes += ' faulty'
  const rows: HTMLElement[] = []
  for (let at = 0; at < cells.length; at += width) rows.push(renderRow(cells.slice(at, at + width), at))
  const dump = make(
    'div',
    { class: 'dump', role: 'group', 'aria-label': 'Bytes; use the arrow keys to move', style: `--width: ${width}` },
    ...rows,
  )
  if (bytes.length > MAX_SHOWN)
    dump.append(make('p', { class: 'muted' }, `… and ${bytes.length - MAX_SHOWN} bytes more`))
  dump.querySelector('.byte')?.setAttribute('tabindex', '0')
  dump.addEventListener('keydown', (event) => walk(dump, event, width))
  return dump
}

interface Cell {
  readonly byte: number
  readonly at: number
  label: string
  classes: string
  text: string
}

function dressFrame(cells: Cell[], frame: Frame, number: number): void {
  for (const field of frame.fields) for (const cell of cells.slice(field.start, field.end)) dress(cell, field)
  for (const [at, cell] of cells.slice(frame.body, frame.end).entries()) cell.text = printable(frame.payload[at] ?? 0)
  const first = cells[frame.start]
  if (first) first.classes += ' first'
  for (const cell of cells.slice(frame.start, frame.end)) cell.label = `frame ${number + 1}: ${cell.label}`
}

function dress(cell: Cell, { name, tone }: Field): void {
  cell.label = cell.classes === `byte ${tone}` ? `${cell.label}, ${name}` : name
  cell.classes = `byte ${tone}`
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'
}

function renderRow(cells: readonly Cell[], at: number): HTMLElement {
  const hex = cells.map(({ byte, at, label, classes }) => {
    const shown = byte.toString(16).padStart(2, '0')
    const place = { 'data-start': at, 'data-end': at + 1 }
    return make(
      'button',
      { type: 'button', class: classes, tabindex: '-1', 'aria-label': `byte ${at}, ${shown}, ${label}`, ...place },
      shown,
    )
  })
  const characters = cells.map(({ at, classes, text }) =>
    make(
      'span',
      { class: classes.replace('byte', 'character').replace(' first', ''), 'data-start': at, 'data-end': at + 1 },
      text,
    ),
  )
  return make(
    'div',
    { class: 'row' },
    make('span', { class: 'offset', 'aria-hidden': 'true' }, at.toString(16).padStart(4, '0')),
    make('span', { class: 'hex' }, ...hex),
    make('span', { class: 'characters', 'aria-hidden': 'true' }, ...characters),
  )
}

function walk(dump: HTMLElement, event: KeyboardEvent, width: number): void {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[event.key]
  const from = event.target
  if (step === undefined || !(from instanceof HTMLElement)) return
  event.preventDefault()
  const to = dump.querySelector<HTMLElement>(`.byte[data-start="${Number(from.dataset.start) + step}"]`)
  if (to === null) return
  from.tabIndex = -1
  to.tabIndex = 0
  to.focus()
}
