/**
 * Describes in words what an agent did and what a case expects of it.
 *
 * @module
 */

import { quote } from '../errors.ts'
import type { ClosePayload } from '../frame/close.ts'
import { getHeaders } from '../http/headers.ts'
import { decodeUtf8 } from '../platform/text.ts'
import type { Conditions, ExpectedMessage, FieldCondition } from './case.ts'
import { type Condition, findUnmetFields, type Seen } from './conditions.ts'
import { dataBytes, toHex } from './data.ts'
import type { ReceivedMessage } from './incoming.ts'

/** How many characters or bytes of a payload are shown. */
const SHOWN = 40
/** How many messages or pongs are listed. */
const LISTED = 3

/** Describes what the agent did, with "it" as the subject: `it sent the text "Hello", then a Close with 1000`. */
export function describeSeen(seen: Seen): string {
  const sent: string[] = []
  sent.push(...listSome(seen.messages.map(describeMessage), 'message'))
  sent.push(
    ...listSome(
      seen.pongs.map((pong) => `a pong${describeBytes(pong)}`),
      'pong',
    ),
  )
  if (seen.close !== undefined) sent.push(describeClose(seen.close))
  if (seen.unfinished !== undefined) sent.push(`the beginning of a frame (${seen.unfinished})`)
  const clauses: string[] = []
  if (seen.status !== undefined && (seen.status !== 101 || sent.length === 0)) clauses.push(`answered ${seen.status}`)
  if (sent.length > 0) clauses.push(`sent ${sent.join(', then ')}`)
  if (seen.end !== undefined) clauses.push(seen.end === 'fin' ? 'ended the connection' : 'reset the connection')
  else if (sent.length === 0 && !isRefusal(seen)) clauses.push('sent nothing more')
  return `it ${clauses.join(' and ')}`
}

/** Whether the response refuses the request, so that nothing more is expected. */
function isRefusal({ status }: Seen): boolean {
  return status !== undefined && status >= 300
}

function listSome(items: readonly string[], kind: string): readonly string[] {
  if (items.length <= LISTED) return items
  return [...items.slice(0, LISTED), `${items.length - LISTED} more ${kind}s`]
}

function describeMessage({ type, data }: ReceivedMessage): string {
  return type === 'text' ? `the text ${describeText(data)}` : `a binary message${describeBytes(data)}`
}

function describeExpected(message: ExpectedMessage): string {
  return 'text' in message
    ? `the text ${describeText(dataBytes(message.text))}`
    : `a binary message${describeBytes(dataBytes(message.binary))}`
}

function describeText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes.subarray(0, SHOWN))
  return bytes.length <= SHOWN ? quote(text) : `${quote(text)}… of ${bytes.length} bytes`
}

/** Shows visible ASCII as text, because most payloads of the cases are text. */
function describeBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return ' without a payload'
  if (bytes.subarray(0, SHOWN).every((byte) => byte >= 0x20 && byte < 0x7f)) return ` ${describeText(bytes)}`
  const shown = toHex(bytes.subarray(0, SHOWN / 2))
  return bytes.length * 2 <= SHOWN ? ` ${shown}` : ` ${shown}… of ${bytes.length} bytes`
}

function describeClose({ code, reason }: ClosePayload): string {
  if (code === 1005) return 'an empty Close'
  return `a Close with ${code}${reason === '' ? '' : ` ${quote(reason)}`}`
}

/** Describes what conditions ask for: `a Close with 1002; no message`. */
export function describeConditions(when: Conditions): string {
  return (Object.keys(when) as Condition[]).map((name) => describeCondition(name, when, undefined)).join('; ')
}

/** Describes what the unmet conditions ask for, and what the head contains instead. */
export function describeUnmet(when: Conditions, unmet: readonly Condition[], seen: Seen): string {
  return unmet.map((name) => describeCondition(name, when, seen)).join(' and ')
}

function describeCondition(name: Condition, when: Conditions, seen: Seen | undefined): string {
  switch (name) {
    case 'status':
      return `status ${orList(when.status, (status) => (status === 'none' ? 'none' : `${status}`))}`
    case 'fields':
      return describeFields(when.fields ?? {}, seen)
    case 'line':
      return `a request line that matches /${when.line}/${seen?.line === undefined ? '' : `, not ${quote(seen.line)}`}`
    case 'freshKey':
      return 'a key that no earlier connection had'
    case 'messages':
      return listOrNone((when.messages ?? []).map(describeExpected), 'message')
    case 'pongs':
      return listOrNone(
        (when.pongs ?? []).map((pong) => `a pong${describeBytes(dataBytes(pong))}`),
        'pong',
      )
    case 'lastPong':
      return `a last pong${describeBytes(dataBytes(when.lastPong ?? ''))}`
    case 'freshMasks':
      return 'a different masking key for each frame'
    case 'close':
      return orList(when.close, describeWantedClose)
    case 'reason':
      return `the reason ${describeText(dataBytes(when.reason ?? ''))}`
    case 'end':
      return describeWantedEnd(when.end)
    case 'before':
      return `all that before the suite's step ${quote(when.before ?? '')}`
  }
}

function orList<Item>(value: Item | readonly Item[] | undefined, describe: (item: Item) => string): string {
  const list: readonly Item[] = value === undefined ? [] : Array.isArray(value) ? value : [value as Item]
  return list.map(describe).join(' or ')
}

function listOrNone(items: readonly string[], kind: string): string {
  return items.length === 0 ? `no ${kind}` : listSome(items, kind).join(', then ')
}

function describeWantedClose(close: number | 'empty' | 'none' | 'any'): string {
  if (close === 'none') return 'no Close'
  if (close === 'any') return 'a Close'
  return close === 'empty' ? 'an empty Close' : `a Close with ${close}`
}

function describeWantedEnd(end: Conditions['end']): string {
  if (end === 'none') return 'a connection that stays open'
  if (end === 'reset') return 'a reset'
  return end === 'fin' ? 'a clean end of the connection' : 'the end of the connection'
}

function describeFields(wanted: Readonly<Record<string, FieldCondition>>, seen: Seen | undefined): string {
  const fields = seen?.fields
  const names = fields === undefined ? Object.keys(wanted) : findUnmetFields(wanted, fields)
  return names
    .map((name) => {
      const found = fields === undefined || name[0] === ':' ? '' : describeFound(getHeaders(fields, name))
      return `${describeField(name, wanted[name] as FieldCondition)}${found}`
    })
    .join(' and ')
}

function describeFound(lines: readonly string[]): string {
  return lines.length === 0 ? ', which is absent' : `, not ${quote(lines.join(', '))}`
}

function describeField(name: string, condition: FieldCondition): string {
  if (condition === null) return `no ${name}`
  if (typeof condition === 'string') return `${name}: ${condition}`
  if ('present' in condition) return name
  if ('token' in condition) return `${name} with ${condition.token}`
  if ('pattern' in condition) return `${name} that matches /${condition.pattern}/`
  const { extension, with: present = [], without: absent = [], max = {} } = condition
  return [
    `${name} with ${extension}`,
    ...present.map((param) => `with ${param}`),
    ...absent.map((param) => `without ${param}`),
    ...Object.entries(max).map(([param, most]) => `${param} of ${most} at most`),
  ].join(' ')
}
