/**
 * Creates opening requests with one to three mutations of their grammar. This file has the mutations and their frequency; other files
 * have the values and the expected differences.
 */

import { KEY } from '../opening.ts'
import {
  anyMutation,
  type Chance,
  createMessage,
  insert,
  joinList,
  line,
  type Message,
  type Mutation,
  mutate,
  ofField,
  setField,
  someOf,
} from './message.ts'
import { extensionList } from './mutate-extensions.ts'
import {
  codings,
  connectionElements,
  hosts,
  keys,
  lengths,
  methods,
  subprotocols,
  targets,
  upgradeElements,
  versions,
  webSocketVersions,
} from './values-requests.ts'

function createRequest(): Message {
  return createMessage(
    ['GET', '/chat?x=1', 'HTTP/1.1'],
    [
      ['Host', 'a.example'],
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Key', KEY],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Protocol', 'soap, chat'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
    ],
  )
}

function connectionList(chance: Chance): string {
  return joinList(someOf(connectionElements, 3, chance), chance)
}

function upgradeList(chance: Chance): string {
  return joinList(someOf(upgradeElements, 3, chance), chance)
}

function subprotocolList(chance: Chance): string {
  return joinList(someOf(subprotocols, 3, chance), chance)
}

const ofStart: readonly Mutation[] = [
  ({ start }, chance) => {
    start[0] = chance.oneOf(methods)
  },
  ({ start }, chance) => {
    start[1] = chance.oneOf(targets)
  },
  ({ start }, chance) => {
    start[2] = chance.oneOf(versions)
  },
]

/** Two errors that matter only together. */
const withoutHost: Mutation = (message, chance) => {
  message.start[2] = chance.oneOf(['HTTP/1.0', 'HTTP/1.1', 'HTTP/1.2'])
  message.lines = message.lines.filter(({ name }) => name.toLowerCase() !== 'host')
  if (chance.below(2) === 0) setField(message, 'Sec-WebSocket-Version', chance.oneOf(webSocketVersions))
}

const framed: Mutation = (message, chance) => {
  const coding = chance.oneOf(['', 'chunked', 'gzip', undefined])
  if (coding !== undefined) message.lines.push(line('Transfer-Encoding', coding))
  for (const length of chance.oneOf([[], ['0'], ['0', '00']])) message.lines.push(line('Content-Length', length))
  message.start[2] = chance.oneOf(['HTTP/1.0', 'HTTP/1.1'])
}

const listed: readonly Mutation[] = [
  withoutHost,
  framed,
  ...ofField('Host', (chance) => chance.oneOf(hosts)),
  ...ofField('Upgrade', upgradeList),
  ...ofField('Connection', connectionList),
  ...ofField('Sec-WebSocket-Key', (chance) => chance.oneOf(keys)),
  ...ofField('Sec-WebSocket-Key', (chance) => insert(KEY, chance.oneOf([' ', 'A', '-', '=']), chance)),
  ...ofField('Sec-WebSocket-Version', (chance) => chance.oneOf(webSocketVersions)),
  ...ofField('Sec-WebSocket-Protocol', subprotocolList),
  ...ofField('Sec-WebSocket-Protocol', subprotocolList),
  ...ofField('Sec-WebSocket-Extensions', extensionList),
  ...ofField('Sec-WebSocket-Extensions', extensionList),
  ...ofField('Content-Length', (chance) => chance.oneOf(lengths)),
  ...ofField('Transfer-Encoding', (chance) => chance.oneOf(codings)),
]

const mutations: readonly Mutation[] = [...anyMutation, ...ofStart, ...ofStart, ...listed]

/** Creates one request; each character is a byte. */
export function mutateRequest(chance: Chance): string {
  return mutate(createRequest, mutations, chance)
}
