/**
 * Frames on the page: the verdict, the dump, the list of frames, the selected one, and the messages.
 *
 * @module
 */

import { opcodeName } from '../model/fields.ts'
import type { Stream } from '../model/frames.ts'
import { formatHex } from '../model/input.ts'
import type { Message } from '../model/messages.ts'
import type { FoundError, Frame, Settings } from '../model/types.ts'
import { make, reference } from './dom.ts'
import { renderDump } from './dump.ts'
import { rangeOf, renderBits, renderFields } from './frame.ts'

export function renderStream(bytes: Uint8Array, stream: Stream, { role }: Settings, width: number): HTMLElement[] {
  const detail = make('div', { class: 'detail', id: 'detail' })
  const tabs = stream.frames.map((frame, number) => renderTab(frame, number, stream.errors))
  const choose = (number: number): void => {
    const frame = stream.frames[number]
    if (frame === undefined) return
    for (const [at, tab] of tabs.entries()) tab.setAttribute('aria-pressed', String(at === number))
    detail.replaceChildren(renderBits(frame, bytes), renderFields(frame))
  }
  for (const [number, tab] of tabs.entries()) tab.addEventListener('click', () => choose(number))
  const dump = renderDump(bytes, stream, width)
  for (const type of ['click', 'focusin'])
    dump.addEventListener(type, ({ target }) => {
      const at = target instanceof HTMLElement ? Number(target.dataset.start ?? -1) : -1
      const number = stream.frames.findIndex(({ start, end }) => start <= at && at < end)
      if (number >= 0 && tabs[number]?.getAttribute('aria-pressed') !== 'true') choose(number)
    })
  choose(stream.errors[0]?.frame ?? 0)
  const list = make('div', { class: 'tabs', role: 'group', 'aria-label': 'Frames' }, ...tabs)
  const messages = make('section', { class: 'messages' }, make('h2', {}, 'Messages'), ...renderMessages(stream))
  return [renderVerdict(stream, role, bytes, dump), dump, list, make('div', { class: 'split' }, detail, messages)]
}

function renderTab({ header, payload }: Frame, number: number, errors: readonly FoundError[]): HTMLButtonElement {
  const { opcode, fin } = header
  const wrong = errors.some(({ frame }) => frame === number)
  const size = `${payload.length} B`
  return make(
    'button',
    {
      type: 'button',
      class: wrong ? 'tab wrong' : 'tab',
      'aria-pressed': 'false',
      'aria-label': `frame ${number + 1}: ${opcodeName(opcode)}, ${size}${wrong ? ', faulty' : ''}`,
    },
    make('span', { class: 'number' }, String(number + 1)),
    `${opcodeName(opcode)}${fin ? '' : ' …'}`,
    make('span', { class: 'muted' }, wrong ? `${size}, faulty` : size),
  )
}

function renderVerdict(stream: Stream, role: Settings['role'], bytes: Uint8Array, dump: HTMLElement): HTMLElement {
  const { errors, frames } = stream
  if (errors.length > 0) return renderPanel('bad', ...errors.map((error, at) => renderError(error, at, dump)))
  const missing = missingOf(stream, bytes)
  if (missing !== undefined) return renderPanel('wait', make('strong', {}, 'No error so far.'), ` ${missing}`)
  const count = `${frames.length} ${frames.length === 1 ? 'frame' : 'frames'}`
  const from = role === 'server' ? 'client' : 'server'
  return renderPanel('good', make('strong', {}, `${count}, no error.`), ` A ${from} may send these bytes.`)
}

function renderPanel(mood: 'good' | 'bad' | 'wait', ...children: readonly (Node | string)[]): HTMLElement {
  return make('section', { class: `verdict ${mood}` }, ...children)
}

/** The bytes that the last frame lacks. */
function missingOf({ frames, torn }: Stream, bytes: Uint8Array): string | undefined {
  if (torn !== undefined) return `The last header is incomplete: only ${bytes.length - torn} of its bytes are here.`
  const last = frames.at(-1)
  if (last === undefined || last.complete) return undefined
  const missing = last.header.payloadLength - last.payload.length
  return `The last frame is incomplete: ${missing.toLocaleString('en')} more ${missing === 1 ? 'byte' : 'bytes'} expected.`
}

function renderError({ error, frame, start, end }: FoundError, at: number, dump: HTMLElement): HTMLElement {
  const jump = make(
    'button',
    { type: 'button', class: 'jump' },
    `${end - start > 1 ? 'bytes ' : ''}${rangeOf({ start, end })}`,
  )
  jump.addEventListener('click', () => dump.querySelector<HTMLElement>(`.byte[data-start="${start}"]`)?.focus())
  return make(
    'div',
    { class: 'error', 'data-code': error.code },
    make('p', {}, make('code', { class: 'code-name' }, error.code), make('strong', {}, error.message)),
    make(
      'p',
      { class: 'muted' },
      `frame ${frame + 1}, `,
      jump,
      error.closeCode === undefined ? undefined : ` · close with ${error.closeCode} · `,
      reference(error.reference),
      at === 0 ? ' · the connection ends here' : '',
    ),
  )
}

function renderMessages({ messages, errors }: Stream): HTMLElement[] {
  if (messages.length > 0) return messages.map(renderMessage)
  return [
    make(
      'p',
      { class: 'muted' },
      errors.length > 0 ? 'No message is complete before the error.' : 'No message is complete yet.',
    ),
  ]
}

function renderMessage({ type, frames, bytes, text, compressedSize }: Message): HTMLElement {
  const size = compressedSize === undefined ? `${bytes.length} B` : `${compressedSize} B inflated to ${bytes.length} B`
  const from = `frame${frames.length > 1 ? 's' : ''} ${frames.map((number) => number + 1).join(' + ')}`
  const shown = text ?? formatHex(bytes.subarray(0, 512))
  return make(
    'article',
    {},
    make('p', { class: 'muted' }, `${type} · ${from} · ${size}`),
    make('pre', { class: type }, shown === '' ? '(empty)' : shown),
  )
}
