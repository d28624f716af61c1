/**
 * Values for `Sec-WebSocket-Extensions`, in requests and responses: most follow the grammar of RFC 6455 §9.1, some also that of RFC 7692,
 * some neither.
 */

import { type Chance, insert, joinList } from './message.ts'

const extensionNames: readonly string[] = [
  ...['permessage-deflate', 'permessage-deflate', 'permessage-deflate', 'permessage-deflate', 'Permessage-Deflate'],
  ...['foo', 'x-webkit-deflate-frame', '"permessage-deflate"', 'perm deflate', 'toString', '__proto__'],
]

const parameterNames: readonly string[] = [
  ...['server_max_window_bits', 'server_max_window_bits', 'client_max_window_bits', 'client_max_window_bits'],
  ...['server_no_context_takeover', 'client_no_context_takeover', 'Server_Max_Window_Bits', 'x', 'constructor', ''],
]

const bits: readonly string[] = ['8', '9', '10', '12', '15', '"10"', '"15"']

const oddValues: readonly string[] = [
  ...['7', '16', '0', '08', '010', '0x0a', '1e1', '+10', '-10', '10.0', '1_0', 'true', '"1\\0"', '"\\1\\0"', '""'],
  ...['"1 0"', '"10', '10"', '"a,b"', '"a;b"', '" 10"', '\xb91', '\xe9', '"\xe9"', '', '10 5', '(10)', '99999999999'],
  ...['"a\\"b"'],
]

function parameter(chance: Chance): string {
  const name = chance.oneOf(parameterNames)
  const plain = name.endsWith('takeover') || chance.below(4) === 0
  if (plain && chance.below(8) > 0) return name
  const equals = chance.below(5) === 0 ? chance.oneOf([' = ', '= ', ' =', '==', '\t=\t']) : '='
  return name + equals + chance.oneOf([chance.oneOf(bits), chance.oneOf(bits), chance.oneOf(oddValues)])
}

function extension(chance: Chance): string {
  const parameters = Array.from({ length: chance.below(4) }, () => parameter(chance))
  const semicolon = () => (chance.below(5) === 0 ? chance.oneOf([';', ' ; ', ';\t', ';;', '; ;', ' ']) : '; ')
  const text = parameters.reduce((all, each) => all + semicolon() + each, chance.oneOf(extensionNames))
  return chance.below(12) === 0 ? text + chance.oneOf([';', '; ', '=', ' ']) : text
}

/** Creates one or two offers, each with one parameter that may be valid. */
function nearlyValid(chance: Chance): string {
  const name = chance.oneOf(parameterNames.slice(0, 4))
  const value = chance.oneOf([...bits, ...oddValues])
  const one = `permessage-deflate; ${name}${chance.oneOf(['=', '=', '=', ' = '])}${value}`
  return chance.below(4) === 0 ? `${one}, permessage-deflate` : one
}

export function extensionList(chance: Chance): string {
  if (chance.below(3) === 0) return nearlyValid(chance)
  const elements = Array.from({ length: 1 + chance.below(3) }, () => extension(chance))
  const text = joinList(elements, chance)
  return chance.below(10) === 0 ? insert(text, chance.oneOf(['"', '\\', '=', ';', ',', ' ', '/']), chance) : text
}
