/**
 * Rules that cases in several files quote, word for word.
 *
 * @module
 */

import type { Reference } from '../testing/case.ts'

/** A rule: a section of an RFC, and its sentence word for word. */
export function rule(section: string, quote: string): readonly Reference[] {
  return [{ section, quote }]
}

export const subprotocolElements: readonly Reference[] = rule(
  'RFC 6455 §4.1',
  'The elements that comprise this value MUST be non-empty strings with characters in the range U+0021 to U+007E not including separator characters as defined in [RFC2616] and MUST all be unique strings.',
)
export const requestUpgrade: readonly Reference[] = rule(
  'RFC 6455 §4.1',
  'The request MUST contain an |Upgrade| header field whose value MUST include the "websocket" keyword.',
)
export const freshNonce: readonly Reference[] = rule(
  'RFC 6455 §4.1',
  'The nonce MUST be selected randomly for each connection.',
)
export const not101: readonly Reference[] = rule(
  'RFC 6455 §4.1',
  'If the status code received from the server is not 101, the client handles the response per HTTP [RFC2616] procedures.',
)
export const keyField: readonly Reference[] = rule(
  'RFC 6455 §4.2.1',
  'A |Sec-WebSocket-Key| header field with a base64-encoded (see Section 4 of [RFC4648]) value that, when decoded, is 16 bytes in length.',
)
/** Lines with one name are one list. */
export const combinedLines: readonly Reference[] = rule(
  'RFC 9110 §5.2',
  'When a field name is repeated within a section, its combined field value consists of the list of corresponding field line values within that section, concatenated in order, with each field line value separated by a comma.',
)
export const grammarViolations: readonly Reference[] = rule(
  'RFC 6455 §4.2.1',
  "If the server, while reading the handshake, finds that the client did not send a handshake that matches the description below (note that as per [RFC2616], the order of the header fields is not important), including but not limited to any violations of the ABNF grammar specified for the components of the handshake, the server MUST stop processing the client's handshake and return an HTTP response with an appropriate error code (such as 400 Bad Request).",
)
export const nullSubprotocol: readonly Reference[] = rule(
  'RFC 6455 §4.2.2',
  "If the client's handshake did not contain such a header field or if the server does not agree to any of the client's requested subprotocols, the only acceptable value is null.",
)
export const chosenSubprotocol: readonly Reference[] = rule(
  'RFC 6455 §4.2.2',
  "The value chosen MUST be derived from the client's handshake, specifically by selecting one of the values from the |Sec-WebSocket-Protocol| field that the server is willing to use for this connection (if any).",
)
export const unlistedExtensions: readonly Reference[] = rule(
  'RFC 6455 §4.2.2',
  'Extensions not listed by the client MUST NOT be listed.',
)
export const unknownVersion: readonly Reference[] = rule(
  'RFC 6455 §4.4',
  "If the server doesn't support the requested version, it MUST respond with a |Sec-WebSocket-Version| header field (or multiple |Sec-WebSocket-Version| header fields) containing all versions it is willing to use.",
)
export const unmaskedFrame: readonly Reference[] = rule(
  'RFC 6455 §5.1',
  'The server MUST close the connection upon receiving a frame that is not masked.',
)
export const extensionGrammar: readonly Reference[] = rule(
  'RFC 6455 §9.1',
  'If a value is received by either the client or the server during negotiation that does not conform to the ABNF below, the recipient of such malformed data MUST immediately _Fail the WebSocket Connection_.',
)
export const dangerousCharacters: readonly Reference[] = rule(
  'RFC 9110 §5.5',
  'Field values containing CR, LF, or NUL characters are invalid and dangerous, due to the varying ways that implementations might parse and interpret those characters; a recipient of CR, LF, or NUL within a field value MUST either reject the message or replace each of those characters with SP before further processing or forwarding of that message.',
)
export const emptyElements: readonly Reference[] = rule(
  'RFC 9110 §5.6.1.2',
  'A recipient MUST parse and ignore a reasonable number of empty list elements: enough to handle common mistakes by senders that merge values, but not so much that they could be used as a denial-of-service mechanism.',
)
export const higherMinorVersion: readonly Reference[] = rule(
  'RFC 9110 §6.2',
  'A recipient that receives a message with a major version number that it implements and a minor version number higher than what it implements SHOULD process the message as if it were in the highest minor version within that major version to which the recipient is conformant.',
)
export const notIndicated: readonly Reference[] = rule(
  'RFC 9110 §7.8',
  "A server MUST NOT switch to a protocol that was not indicated by the client in the corresponding request's Upgrade header field.",
)
export const noContentInGet: readonly Reference[] = rule(
  'RFC 9110 §9.3.1',
  'A client SHOULD NOT generate content in a GET request unless it is made directly to an origin server that has previously indicated, in or out of band, that such a request has a purpose and will be adequately supported.',
)
export const bareCr: readonly Reference[] = rule(
  'RFC 9112 §2.2',
  'A recipient of such a bare CR MUST consider that element to be invalid or replace each bare CR with SP before processing the element or forwarding the message.',
)
export const whiteSpaceBeforeFields: readonly Reference[] = rule(
  'RFC 9112 §2.2',
  'A recipient that receives whitespace between the start-line and the first header field MUST either reject the message as invalid or consume each whitespace-preceded line without further processing of it (i.e., ignore the entire line, along with any subsequent lines preceded by whitespace, until a properly formed header field is received or the header section is terminated).',
)
export const messageParsing: readonly Reference[] = rule(
  'RFC 9112 §2.2',
  'The normal procedure for parsing an HTTP message is to read the start-line into a structure, read each header field line into a hash table by field name until the empty line, and then use the parsed data to determine if a message body is expected.',
)
export const optionalWhiteSpace: readonly Reference[] = rule(
  'RFC 9112 §5.1',
  'A field line value might be preceded and/or followed by optional whitespace (OWS); a single SP preceding the field line value is preferred for consistent readability by humans.',
)
export const incompleteRequest: readonly Reference[] = rule(
  'RFC 9112 §8',
  'A server that receives an incomplete request message, usually due to a canceled request or a triggered timeout exception, MAY send an error response prior to closing the connection.',
)
