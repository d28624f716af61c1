/**
 * A head in parts, so that a mutation can break the grammar in one place: three parts of a start line, then lines. Formats the parts,
 * and has the mutations for any line of any head. Does not use the meaning of fields.
 */

import { createRandom } from '../../peers/support.ts'

export interface Line {
  name: string
  colon: string
  /** White space around the value. */
  before: string
  value: string
  after: string
  end: string
}

export interface Message {
  /** The text before the start line. */
  leading: string
  start: [string, string, string]
  startEnd: string
  lines: Line[]
  /** The empty line. */
  end: string
  /** The text after the head. */
  rest: string
}

/** Random choices that can be repeated. */
export interface Chance {
  below(bound: number): number
  oneOf<Item>(items: readonly Item[]): Item
}

export type Mutation = (message: Message, chance: Chance) => void

export function createChance(seed: number): Chance {
  const random = createRandom(seed)
  const below = (bound: number): number => Math.floor(random() * bound)
  return { below, oneOf: <Item>(items: readonly Item[]) => items[below(items.length)] as Item }
}

export function line(name: string, value: string): Line {
  return { name, colon: ':', before: ' ', value, after: '', end: '\r\n' }
}

/** Creates a regular message. */
export function createMessage(start: Message['start'], fields: readonly (readonly [string, string])[]): Message {
  const lines = fields.map(([name, value]) => line(name, value))
  return { leading: '', start: [...start], startEnd: '\r\n', lines, end: '\r\n', rest: '' }
}

/** Formats a message; each character is a byte. */
function format({ leading, start, startEnd, lines, end, rest }: Message): string {
  const fields = lines.map((each) => each.name + each.colon + each.before + each.value + each.after + each.end)
  return leading + start.join(' ') + startEnd + fields.join('') + end + rest
}

/** Applies one to three mutations to a new message, more often fewer, since one error hides the effects of others. */
export function mutate(create: () => Message, mutations: readonly Mutation[], chance: Chance): string {
  const message = create()
  for (let left = chance.oneOf([1, 1, 1, 2, 2, 3]); left > 0; left--) chance.oneOf(mutations)(message, chance)
  return format(message)
}

/** Creates mutations that give a field a new value, or that repeat it. */
export function ofField(name: string, value: (chance: Chance) => string): readonly Mutation[] {
  const set: Mutation = (message, chance) => setField(message, name, value(chance))
  const repeat: Mutation = (message, chance) => repeatField(message, name, value(chance), chance)
  return [set, set, repeat]
}

/** Gives a field another value, or adds a missing field. */
export function setField(message: Message, name: string, value: string): void {
  const found = message.lines.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (found === undefined) message.lines.push(line(name, value))
  else found.value = value
}

/** Repeats a field with another value, before or after the first, or at the end. */
function repeatField(message: Message, name: string, value: string, chance: Chance): void {
  const at = message.lines.findIndex((each) => each.name.toLowerCase() === name.toLowerCase())
  const more = line(chance.oneOf([name, name.toLowerCase()]), value)
  message.lines.splice(chance.oneOf([at, at + 1, message.lines.length]), 0, more)
}

/** Joins the elements of a list with all separators that a list may have, and some that it may not have. */
export function joinList(elements: readonly string[], chance: Chance): string {
  const usual = () => chance.oneOf([', ', ', ', ',', ' ,', '\t,\t', ', \t'])
  const between = () => (chance.below(6) === 0 ? chance.oneOf([',,', ', ,', ' ', ';', '\t']) : usual())
  const ends = () => (chance.below(8) === 0 ? chance.oneOf([',', ', ', ' ,', ',,']) : '')
  const inner = elements.reduce((list, element) => (list === '' ? element : list + between() + element), '')
  return chance.oneOf(['', ends()]) + inner + chance.oneOf(['', ends()])
}

/** Chooses up to `most` of the items, with repeats. */
export function someOf(items: readonly string[], most: number, chance: Chance): string[] {
  return Array.from({ length: 1 + chance.below(most) }, () => chance.oneOf(items))
}

/** Inserts a piece into a text at a random place. */
export function insert(text: string, piece: string, chance: Chance): string {
  const at = chance.below(text.length + 1)
  return text.slice(0, at) + piece + text.slice(at)
}

/** Creates a mutation of one of the remaining lines. */
function onLine(change: (each: Line, chance: Chance) => void): Mutation {
  return (message, chance) => {
    if (message.lines.length > 0) change(chance.oneOf(message.lines), chance)
  }
}

const otherCase = (name: string, chance: Chance): string =>
  chance.oneOf([name.toLowerCase(), name.toUpperCase(), name.replace(/[a-z]/, (letter) => letter.toUpperCase())])

/** Fields with little or no effect on the handshake. */
const otherFields: readonly (readonly [string, string])[] = [
  ['X-A', 'b'],
  ['Cookie', 'a=b; c="d, e"'],
  ['Origin', 'http://other.example'],
  ['Expect', '100-continue'],
  ['__proto__', 'x'],
  ['constructor', 'y'],
  ['X-Empty', ''],
  ['TE', 'trailers'],
  ['X-Quotes', '"a, b'],
  ['Keep-Alive', 'timeout=5'],
  ['Sec-WebSocket-Key1', 'old'],
  ['Trailer', 'X-A'],
]

const names: readonly string[] = ['Host ', 'X(', '', ' X', 'X\xe9', 'X\0', 'X Y', 'X\t', 'X"', 'Upgrade ', '@']
const lineEnds: readonly string[] = ['\n', '\r', '\r\r\n', '\n\r', ' \r\n', '\r\n\t\r\n']
const controls: readonly string[] = ['\0', '\x01', '\x0b', '\x0c', '\x1f', '\x7f', '\x1b', '\b']
const highBytes: readonly string[] = ['\xe9', '\x80', '\xff', '\xa0', '\x85', '\xc3\xa9']

/** The mutations for any head. */
export const anyMutation: readonly Mutation[] = [
  onLine((each, chance) => {
    each.name = otherCase(each.name, chance)
  }),
  onLine((each, chance) => {
    each.before = chance.oneOf(['', '\t', '  ', ' \t '])
  }),
  onLine((each, chance) => {
    each.after = chance.oneOf([' ', '\t', '  ', ' \t '])
  }),
  onLine((each, chance) => {
    each.value = insert(each.value, chance.oneOf(['\r\n ', '\r\n\t', '\r\n  ']), chance)
  }),
  onLine((each, chance) => {
    each.before = chance.oneOf(['\r\n ', ' \r\n\t'])
  }),
  onLine((each, chance) => {
    each.end = chance.oneOf(lineEnds)
  }),
  onLine((each, chance) => {
    each.value = insert(each.value, chance.oneOf(controls), chance)
  }),
  onLine((each, chance) => {
    each.value = insert(each.value, chance.oneOf(highBytes), chance)
  }),
  onLine((each, chance) => {
    each.colon = chance.oneOf([' :', '', '=', '\t:', '::'])
  }),
  (message, chance) => {
    message.lines.splice(chance.below(message.lines.length), 1)
  },
  (message, chance) => {
    if (message.lines.length > 0) message.lines.push({ ...chance.oneOf(message.lines) })
  },
  ({ lines }, chance) => {
    lines.splice(chance.below(lines.length + 1), 0, ...lines.splice(chance.below(lines.length), 1))
  },
  (message, chance) => {
    message.lines.splice(chance.below(message.lines.length + 1), 0, line(...chance.oneOf(otherFields)))
  },
  (message, chance) => {
    message.lines.splice(chance.below(message.lines.length + 1), 0, line(chance.oneOf(names), 'x'))
  },
  (message, chance) => {
    message.startEnd = chance.oneOf(['\n', '\r', ' \r\n', '\r\r\n', '\r\n \r\n', '\r\n\t'])
  },
  (message, chance) => {
    message.leading = chance.oneOf(['\r\n', '\r\n\r\n', '\n', '\r', ' ', '\r\n '])
  },
  (message, chance) => {
    message.end = chance.oneOf(['\n', '\r\n', '\r\n'])
  },
  (message, chance) => {
    // An empty text frame, as each side would send it.
    message.rest = chance.oneOf(['\x81\x80\0\0\0\0', '\x81\x00', '\r\n', 'GET / HTTP/1.1\r\n\r\n'])
  },
]
