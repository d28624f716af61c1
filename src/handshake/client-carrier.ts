/**
 * Selects the carrier of a client's offer, and defines the carrier of a request that is never sent over HTTP, such as from a Worker to a
 * Durable Object: it has headers, but no key, no version and no request line.
 *
 * @module
 */

import { getHeaders } from '../http/headers.ts'
import { type HttpVersion, isMultiplexed } from '../http/request.ts'
import { connectClient } from './connect-carrier.ts'
import { field } from './fields.ts'
import { type ClientCarrier, responseError, upgradeClient } from './upgrade-carrier.ts'

/** Returns the carrier of an offer over an HTTP version, or, for `'unknown'`, over none. */
export function clientOf(httpVersion: HttpVersion): ClientCarrier {
  if (httpVersion === 'unknown') return createOffWireClient()
  return isMultiplexed(httpVersion) ? connectClient : upgradeClient
}

/** Creates the carrier on demand, because bundlers keep a constant that reads the members of another object. */
function createOffWireClient(): ClientCarrier {
  return {
    hasKey: false,
    opening: upgradeClient.opening,
    opens: upgradeClient.opens,
    request(opening) {
      const head = connectClient.request(opening)
      // The code that sends the request knows the URL. An empty target cannot be formatted, so it is not sent over HTTP by mistake.
      return {
        ...head,
        method: 'GET',
        target: '',
        headers: [['Upgrade', 'websocket'], ...head.headers],
        protocol: undefined,
      }
    },
    // As for the server, fields may be missing, but must be valid if present. There is no key, so an accept is never valid.
    verify(headers) {
      const has = (name: string): boolean => getHeaders(headers, name).length > 0
      const [upgrade, connection] = upgradeClient.verify(headers, '', undefined)
      return [
        has('upgrade') ? upgrade : undefined,
        has('connection') ? connection : undefined,
        has(field.accept) ? responseError('accept', `${field.accept} without a key`) : undefined,
      ]
    },
  }
}
