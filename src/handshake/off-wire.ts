/**
 * Support for requests built in code and passed on without HTTP, such as from a Worker to a Durable Object: the `offWire` option,
 * and the head to judge such a request by.
 *
 * @module
 */

import { checkOptionNames, describeValue } from '../arguments.ts'
import type { RequestHead } from '../http/request.ts'
import { readHostEntry } from './hosts.ts'

/** Whether such requests are accepted, and the server's public host. */
export type OffWire =
  | boolean
  | {
      /** The host, with a port unless it is the scheme's default: `'chat.example'`. */
      readonly host: string
    }

const memberNames = ['host']

/** Throws `TypeError`. */
export function checkOffWire(offWire: OffWire): void {
  if (typeof offWire === 'boolean') return
  if (typeof offWire !== 'object')
    throw new TypeError(`\`offWire\` must be true, false or { host }, not ${describeValue(offWire)}`)
  checkOptionNames(offWire, memberNames, '`offWire`')
  readHostEntry(offWire.host, '`offWire.host`')
}

/**
 * The head to judge if the request may never have been on the wire; `undefined`: it came over HTTP, or such requests are not
 * accepted. Only a Fetch `Request` qualifies: all others state their HTTP version.
 */
export function offWireHead(head: RequestHead, offWire: OffWire | undefined): RequestHead | undefined {
  if (offWire === undefined || offWire === false || head.version !== 'unknown') return undefined
  // The scheme is dropped: it comes from a URL made up in code.
  return offWire === true ? head : { ...head, authority: offWire.host, scheme: undefined }
}
