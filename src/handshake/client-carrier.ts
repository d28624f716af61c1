/**
 * Which carrier a client's offer has; and the one of a request that is never sent over HTTP, such as from a Worker to a Durable
 * Object: it has headers, but no key, no version and no request line.
 *
 * @module
 */

import { getHeaders } from '../http/headers.ts'
import { type HttpVersion, isMultiplexed } from '../http/request.ts'
import { connectClient } from './connect-carrier.ts'
import { field } from './fields.ts'
import { type ClientCarrier, responseError, upgradeClient } from './upgrade-carrier.ts'

/** The carrier of an offer over this version; `'unknown'`: over none. */
export function clientOf(httpVersion: HttpVersion): ClientCarrier {
  if (httpVersion === 'unknown') return createOffWireClient()
  return isMultiplexed(httpVersion) ? connectClient : upgradeClient
}

/** Made on demand: bundlers keep an object that reads another one's members. */
function createOffWireClient(): ClientCarrier {
  return {
    hasKey: false,
    opening: upgradeClient.opening,
    opens: upgradeClient.opens,
    request(opening) {
      const head = connectClient.request(opening)
      // The URL belongs to the code that sends it. An empty target has no text form, so that it is not sent over HTTP by mistake.
      return {
        ...head,
        method: 'GET',
        target: '',
        headers: [['Upgrade', 'websocket'], ...head.headers],
        protocol: undefined,
      }
    },
    // What is missing was never on a wire; what is there must be right, as for the server. No accept can be.
    verify(headers) {
      const has = (name: string): boolean => getHeaders(headers, name).length > 0
      const [upgrade, connection] = upgradeClient.verify(headers, '', undefined)
      return [
        has('upgrade') ? upgrade : undefined,
        has('connection') ? connection : undefined,
        has(field.accept) ? responseError('accept', `${field.accept} answers no key`) : undefined,
      ]
    },
  }
}
