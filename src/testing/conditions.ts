/**
 * Compares the conditions of a case with what an agent did, one by one, so that a result can name those that did not hold.
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { readExtensions } from '../extensions/header.ts'
import type { ClosePayload } from '../frame/close.ts'
import { getHeaderElements, getHeaders, type HeaderPairs } from '../http/headers.ts'
import type { Conditions, Data, ExpectedMessage, FieldCondition } from './case.ts'
import { dataBytes } from './data.ts'
import type { ReceivedMessage } from './incoming.ts'
import type { TransportEnd } from './wire.ts'

/** What an agent had done at one moment. */
export interface Seen {
  /** The status of a server's response. `undefined` if no head arrived, or the agent is a client. */
  readonly status: number | undefined
  /** The start line of a client's request. */
  readonly line: string | undefined
  /** The fields of the head. `undefined` if no head arrived. */
  readonly fields: HeaderPairs | undefined
  readonly freshKey: boolean
  readonly messages: readonly ReceivedMessage[]
  readonly pongs: readonly Uint8Array[]
  /** Whether no two frames had the same masking key. */
  readonly freshMasks: boolean
  readonly close: ClosePayload | undefined
  /** A description of an unfinished frame. */
  readonly unfinished: string | undefined
  readonly end: TransportEnd | undefined
}

/** The name of a condition. */
export type Condition = keyof Conditions

/** The moments at which conditions are checked. */
export interface Moments {
  readonly last: Seen
  /** By the labels of steps. */
  readonly labels: ReadonlyMap<string, Seen>
  /** Returns the bytes of data, computed once: {@link createDataCache}. */
  readonly bytesOf: (data: Data) => Uint8Array
}

/** Returns a function that computes the bytes of each data once. */
export function createDataCache(): (data: Data) => Uint8Array {
  const made = new Map<Data, Uint8Array>()
  return (data) => {
    const bytes = made.get(data) ?? dataBytes(data)
    made.set(data, bytes)
    return bytes
  }
}

/** Returns the conditions that do not hold. */
export function findUnmet(when: Conditions, { last, labels, bytesOf }: Moments): readonly Condition[] {
  const { before } = when
  const early = before === undefined ? last : labels.get(before)
  const names = Object.keys(when) as Condition[]
  const unmet = names.filter((name) => name !== 'before' && !holds(name, when, last, bytesOf))
  if (unmet.length > 0 || before === undefined) return unmet
  return early !== undefined && names.every((name) => name === 'before' || holds(name, when, early, bytesOf))
    ? []
    : ['before']
}

function holds(name: Condition, when: Conditions, seen: Seen, bytesOf: Moments['bytesOf']): boolean {
  switch (name) {
    case 'status':
      return listOf(when.status).some((wanted) => matchesStatus(wanted, seen.status))
    case 'fields':
      return seen.fields !== undefined && findUnmetFields(when.fields ?? {}, seen.fields).length === 0
    case 'line':
      return seen.line !== undefined && new RegExp(when.line ?? '', 'u').test(seen.line)
    case 'freshKey':
      return seen.freshKey
    case 'messages':
      return matchesAll(when.messages ?? [], seen.messages, (wanted, message) => isExpected(wanted, message, bytesOf))
    case 'pongs':
      return cameInOrder((when.pongs ?? []).map(bytesOf), seen.pongs)
    case 'lastPong':
      return seen.pongs.length > 0 && isEqual(bytesOf(when.lastPong ?? ''), seen.pongs.at(-1) as Uint8Array)
    case 'freshMasks':
      return seen.freshMasks
    case 'close':
      return listOf(when.close).some((wanted) => matchesClose(wanted, seen.close))
    case 'reason':
      return seen.close !== undefined && isEqual(bytesOf(when.reason ?? ''), dataBytes(seen.close.reason))
    case 'end':
      return matchesEnd(when.end, seen.end)
    case 'before':
      return true
  }
}

function listOf<Item>(value: Item | readonly Item[] | undefined): readonly Item[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value as Item]
}

function matchesStatus(wanted: number | string, status: number | undefined): boolean {
  if (wanted === 'none') return status === undefined
  if (status === undefined) return false
  return typeof wanted === 'number' ? status === wanted : wanted === `${Math.floor(status / 100)}xx`
}

type WantedClose = number | 'empty' | 'none' | 'any'

function matchesClose(wanted: WantedClose, close: ClosePayload | undefined): boolean {
  if (wanted === 'none' || close === undefined) return wanted === 'none' && close === undefined
  // 1005 means a Close without a code.
  return wanted === 'any' || close.code === (wanted === 'empty' ? 1005 : wanted)
}

function matchesEnd(wanted: Conditions['end'], end: TransportEnd | undefined): boolean {
  if (wanted === 'none') return end === undefined
  return wanted === 'any' ? end !== undefined : end === wanted
}

function matchesAll<Wanted, Found>(
  wanted: readonly Wanted[],
  found: readonly Found[],
  matches: (wanted: Wanted, found: Found) => boolean,
): boolean {
  return wanted.length === found.length && wanted.every((item, index) => matches(item, found[index] as Found))
}

function cameInOrder(wanted: readonly Uint8Array[], found: readonly Uint8Array[]): boolean {
  let next = 0
  for (const bytes of found) {
    const one = wanted[next]
    if (one !== undefined && isEqual(one, bytes)) next++
  }
  return next === wanted.length
}

function isExpected(wanted: ExpectedMessage, { type, data }: ReceivedMessage, bytesOf: Moments['bytesOf']): boolean {
  return type in wanted && isEqual(bytesOf('text' in wanted ? wanted.text : wanted.binary), data)
}

/** Whether two arrays contain the same bytes. @internal */
export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}

/** Returns the names of the fields that do not meet their conditions. */
export function findUnmetFields(
  wanted: Readonly<Record<string, FieldCondition>>,
  fields: HeaderPairs,
): readonly string[] {
  return Object.entries(wanted)
    .filter(([name, condition]) => !isFieldAsWanted(name, condition, fields))
    .map(([name]) => name)
}

function isFieldAsWanted(name: string, condition: FieldCondition, fields: HeaderPairs): boolean {
  const lines =
    name[0] === ':' ? fields.filter(([own]) => own === name).map(([, value]) => value) : getHeaders(fields, name)
  if (condition === null) return lines.length === 0
  if (lines.length === 0) return false
  const value = lines.join(', ')
  if (typeof condition === 'string') return value === condition
  if ('present' in condition) return true
  if ('pattern' in condition) return new RegExp(condition.pattern, 'u').test(value)
  if ('token' in condition) {
    const elements = attempt(() => getHeaderElements(fields, name))
    return !(elements instanceof ProtocolError) && elements.map(lowerCase).includes(lowerCase(condition.token))
  }
  return hasExtension(condition, lines)
}

type ExtensionCondition = Extract<FieldCondition, { readonly extension: string }>

function hasExtension(condition: ExtensionCondition, lines: readonly string[]): boolean {
  const entries = attempt(() => readExtensions(lines))
  if (entries instanceof ProtocolError) return false
  const { extension, with: present = [], without: absent = [], max = {} } = condition
  return entries.some(({ name, params }) => {
    const values = new Map(params)
    return (
      name === extension &&
      present.every((param) => values.has(param)) &&
      !absent.some((param) => values.has(param)) &&
      Object.entries(max).every(([param, most]) => Number(values.get(param) ?? Number.NaN) <= most)
    )
  })
}
