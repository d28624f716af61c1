/**
 * Requests that a program has built and handed over without HTTP between, such as a Worker's to a Durable Object. Knows what such
 * a request may lack, and where it is addressed to.
 *
 * @module
 */

import { checkOptionNames, describeValue } from '../arguments.ts'
import type { RequestHead } from '../http/request.ts'
import { readHostEntry } from './hosts.ts'

/** Whether such requests are taken, and under which host clients know the server. */
export type OffWire =
  | boolean
  | {
      /** Host, and port unless it is the scheme's default: `'chat.example'`. */
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
 * The head as it is judged if the request never was on a wire; `undefined`: it came by HTTP, or such requests are not taken. Only a
 * Fetch `Request` can be one: all others tell their version of HTTP.
 */
export function offWireHead(head: RequestHead, offWire: OffWire | undefined): RequestHead | undefined {
  if (offWire === undefined || offWire === false || head.version !== 'unknown') return undefined
  // The scheme is that of the URL that the program made up.
  return offWire === true ? head : { ...head, authority: offWire.host, scheme: undefined }
}
