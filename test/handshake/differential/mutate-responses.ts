/**
 * Creates responses to the opening request with one to three mutations of their grammar. This file has the mutations and their frequency;
 * other files have the values and the expected differences.
 */

import { ACCEPT } from '../opening.ts'
import {
  anyMutation,
  type Chance,
  createMessage,
  insert,
  joinList,
  type Message,
  type Mutation,
  mutate,
  ofField,
  someOf,
} from './message.ts'
import { extensionList } from './mutate-extensions.ts'
import {
  accepts,
  codings,
  connectionElements,
  interims,
  lengths,
  reasons,
  statuses,
  subprotocols,
  upgradeElements,
  versions,
} from './values-responses.ts'

function createResponse(): Message {
  return createMessage(
    ['HTTP/1.1', '101', 'Switching Protocols'],
    [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', ACCEPT],
      ['Sec-WebSocket-Protocol', 'chat'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate'],
    ],
  )
}

const ofStart: readonly Mutation[] = [
  ({ start }, chance) => {
    start[0] = chance.oneOf(versions)
  },
  ({ start }, chance) => {
    start[1] = chance.oneOf(statuses)
  },
  ({ start }, chance) => {
    start[2] = chance.oneOf(reasons)
  },
  (message, chance) => {
    message.leading = chance.oneOf(interims)
  },
]

const listed: readonly Mutation[] = [
  ...ofField('Upgrade', (chance) => joinList(someOf(upgradeElements, 2, chance), chance)),
  ...ofField('Connection', (chance) => joinList(someOf(connectionElements, 3, chance), chance)),
  ...ofField('Sec-WebSocket-Accept', (chance) => chance.oneOf(accepts)),
  ...ofField('Sec-WebSocket-Accept', (chance) => insert(ACCEPT, chance.oneOf([' ', 'A', '=', '-']), chance)),
  ...ofField('Sec-WebSocket-Protocol', (chance) => chance.oneOf(subprotocols)),
  ...ofField('Sec-WebSocket-Extensions', extensionList),
  ...ofField('Sec-WebSocket-Extensions', extensionList),
  ...ofField('Content-Length', (chance) => chance.oneOf(lengths)),
  ...ofField('Transfer-Encoding', (chance) => chance.oneOf(codings)),
  ...ofField('Sec-WebSocket-Version', (chance) => chance.oneOf(['13', '8', '13, 8', 'x'])),
]

const mutations: readonly Mutation[] = [...anyMutation, ...ofStart, ...ofStart, ...listed]

/** Creates one response; each character is a byte. It has the accept for the key of `opening.ts`; peers with another key replace it. */
export function mutateResponse(chance: Chance): string {
  return mutate(createResponse, mutations, chance)
}
