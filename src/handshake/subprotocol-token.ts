/**
 * Access tokens passed as subprotocols, for both sides: a browser's `WebSocket` cannot set `Authorization`, and this list is the
 * one field that a page controls. Handles the two usual forms; the server validates the token itself.
 *
 * @module
 */

import { describeType, describeValue, requireType } from '../arguments.ts'
import { isToken } from '../http/grammar.ts'

/**
 * The `subprotocols` entries with which a client passes a token: `[marker, token]`. If the marker ends in a dot, both form one
 * name, and you must also offer a real subprotocol for the server to choose.
 *
 * Over `ws:` the token is sent in the clear, and subprotocols end up in logs more easily than `Authorization` does.
 *
 * @param token In the characters of RFC 9110 §5.6.2, as a JWT is. Encode any other (base64url, without padding).
 * @throws TypeError for a marker or token with other characters. The message does not contain the token.
 *
 * @example
 * offerSubprotocolToken('access-token', 'eyJh.eyJz.c2ln') // ['access-token', 'eyJh.eyJz.c2ln']
 * offerSubprotocolToken('bearer.', 'eyJh.eyJz.c2ln') // ['bearer.eyJh.eyJz.c2ln']
 */
export function offerSubprotocolToken(marker: string, token: string): string[] {
  requireType(marker, 'string', '`marker`')
  if (!isToken(marker)) throw new TypeError(`the \`marker\` ${describeValue(marker)} is no token (RFC 9110 §5.6.2)`)
  requireType(token, 'string', '`token`')
  if (!isToken(token))
    throw new TypeError('the token holds characters that no subprotocol can carry; encode it (RFC 9110 §5.6.2)')
  return marker.endsWith('.') ? [marker + token] : [marker, token]
}

/**
 * The token in a client's offer; `undefined`: none. List the marker among your `subprotocols`, never the token: the response
 * then contains only the marker. Do not list a marker that ends in a dot.
 *
 * @example
 * const accepted = acceptHandshake(request, { subprotocols: ['access-token'], requireSubprotocol: true })
 * if (!accepted.ok) return reply(accepted.response)
 * const token = getSubprotocolToken(accepted.offeredSubprotocols, 'access-token')
 * if (!isValid(token)) return reply(refuseUpgrade(403))
 */
export function getSubprotocolToken(offered: readonly string[], marker: string): string | undefined {
  if (!Array.isArray(offered))
    throw new TypeError(`\`offered\` must be an array of strings, not ${describeType(offered)}`)
  requireType(marker, 'string', '`marker`')
  if (!marker.endsWith('.')) return offered.includes(marker) ? offered[offered.indexOf(marker) + 1] : undefined
  return offered.find((name) => name.startsWith(marker) && name.length > marker.length)?.slice(marker.length)
}
