/**
 * A request or a response on the page: its lines, each error beside its line, and the response to send.
 *
 * @module
 */

import type { ProtocolError } from 'websocket-primitives'
import type { Head, Line } from '../model/head.ts'
import { make, reference } from './dom.ts'

const moods = { opens: 'good', refused: 'bad', plain: 'wait', incomplete: 'wait' } as const

export function renderHeads(heads: readonly Head[]): HTMLElement[] {
  return heads.flatMap((head) => [
    make('section', { class: `verdict ${moods[head.verdict]}` }, make('strong', {}, head.title)),
    make(
      'section',
      { class: 'head' },
      make('h2', {}, head.kind === 'request' ? 'Request' : 'Answer'),
      renderLines(head.lines),
      ...renderBroken(head),
      ...renderOthers(head),
    ),
    ...(head.answer === undefined ? [] : [renderAnswer(head)]),
  ])
}

function renderLines(lines: readonly Line[]): HTMLElement {
  const rows = lines.map(({ name, value, errors }) =>
    make(
      'div',
      { class: errors.length > 0 ? 'line wrong' : 'line' },
      make('code', {}, name === '' ? undefined : make('span', { class: 'name' }, `${name}: `), value),
      ...errors.map(renderError),
    ),
  )
  return make('div', { class: 'lines' }, ...rows)
}

/** An unreadable head, marked where reading ended. */
function renderBroken({ broken }: Head): HTMLElement[] {
  if (broken === undefined) return []
  const { text, at } = broken
  return [
    make(
      'pre',
      { class: 'answer' },
      text.slice(0, at),
      make('mark', {}, text.charAt(at) || ' '),
      text.slice(at + 1).trimEnd(),
    ),
  ]
}

/** Errors without a line, usually because the line is missing. */
function renderOthers({ lines, errors }: Head): HTMLElement[] {
  return errors.filter((error) => !lines.some((line) => line.errors.includes(error))).map(renderError)
}

function renderError({ code, message, offset, status, reference: section }: ProtocolError): HTMLElement {
  const where = offset === undefined ? '' : ` at ${offset}`
  return make(
    'p',
    { class: 'remark', 'data-code': code },
    make('code', { class: 'code-name' }, code),
    `${message}${where} `,
    make('span', { class: 'muted' }, status === undefined ? '' : `${status} · `, reference(section)),
  )
}

function renderAnswer({ answer = '', verdict }: Head): HTMLElement {
  const title = verdict === 'opens' ? 'The response that accepts' : 'The response that refuses'
  return make('section', { class: 'head' }, make('h2', {}, title), make('pre', { class: 'answer' }, answer.trimEnd()))
}
