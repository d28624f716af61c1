/**
 * The opening request that a client sends.
 *
 * @module
 */

import type { Case, FieldCondition } from '../testing/case.ts'
import { type CaseInit, section } from './build.ts'
import { openAndClose } from './opening.ts'
import {
  extensionGrammar,
  freshNonce,
  noContentInGet,
  requestUpgrade,
  rule,
  subprotocolElements,
} from './opening-rules.ts'

/** A valid opening, judged by a field of the request. An `optional` field may be absent. */
function requestCase(
  name: string,
  title: string,
  fields: Readonly<Record<string, FieldCondition>>,
  more: Pick<CaseInit, 'references' | 'why' | 'level'>,
  optional = false,
): CaseInit {
  const absent = Object.fromEntries(Object.keys(fields).map((field) => [field, null]))
  return {
    ...more,
    name,
    title,
    steps: openAndClose(),
    outcomes: [
      { verdict: 'pass', reason: 'Its request is correct.', when: { fields } },
      ...(optional ? [{ verdict: 'pass', reason: 'It sent no such field.', when: { fields: absent } } as const] : []),
    ],
  }
}

/** A token (RFC 9110 §5.6.2). */
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const parameter = `\\s*;\\s*${token}(\\s*=\\s*(${token}|"${token}"))?`
const extension = `${token}(${parameter})*`

/** Cases of the opening request that a client sends. */
export const handshakeClient: readonly Case[] = section(
  'client',
  'request',
  { why: 'Servers check each of these, and refuse a request for the first error.' },
  [
    {
      name: 'line',
      title: 'The request line is a GET of HTTP/1.1 or higher',
      references: rule(
        'RFC 6455 §4.1',
        'The method of the request MUST be GET, and the HTTP version MUST be at least 1.1.',
      ),
      steps: openAndClose(),
      outcomes: [
        { verdict: 'pass', reason: 'It sent a GET of HTTP/1.1.', when: { line: '^GET [^ ]+ HTTP/1\\.[1-9]$' } },
      ],
    },
    {
      name: 'target',
      title: 'The target is the path and query, or a URL of http or https',
      references: rule(
        'RFC 6455 §4.1',
        'The "Request-URI" part of the request MUST match the /resource name/ defined in Section 3 (a relative URI) or be an absolute http/https URI that, when parsed, has a /resource name/, /host/, and /port/ that match the corresponding ws/wss URI.',
      ),
      steps: openAndClose(),
      outcomes: [
        {
          verdict: 'pass',
          reason: 'It sent a path.',
          when: { line: '^[A-Z]+ /[!-~]* HTTP/' },
        },
        { verdict: 'pass', reason: 'It sent a URL.', when: { line: '^[A-Z]+ https?://[!-~]+ HTTP/' } },
      ],
    },
    {
      name: 'no-fragment',
      title: 'The target has no fragment',
      references: rule(
        'RFC 6455 §3',
        'Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on these URIs.',
      ),
      why: 'The part after # is for the client alone. A server refuses it or serves another path.',
      steps: openAndClose(),
      outcomes: [{ verdict: 'pass', reason: 'There is no # in its target.', when: { line: '^[^#]*$' } }],
    },
    requestCase(
      'host',
      'Host has the host, and the port if it is not the default',
      { host: { pattern: "^([A-Za-z0-9._~%!$&'()*+;=-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]+)?$" } },
      {
        references: rule(
          'RFC 6455 §4.1',
          'The request MUST contain a |Host| header field whose value contains /host/ plus optionally ":" followed by /port/ (when not using the default port).',
        ),
      },
    ),
    requestCase(
      'upgrade',
      'Upgrade has websocket',
      { upgrade: { token: 'websocket' } },
      {
        references: requestUpgrade,
      },
    ),
    requestCase(
      'upgrade-alone',
      'Upgrade has only websocket',
      { upgrade: { pattern: '^[Ww][Ee][Bb][Ss][Oo][Cc][Kk][Ee][Tt]$' } },
      {
        level: 'should',
        references: requestUpgrade,
        why: 'Many servers compare the whole field, and refuse a list.',
      },
    ),
    requestCase(
      'connection',
      'Connection has upgrade',
      { connection: { token: 'upgrade' } },
      {
        references: rule(
          'RFC 6455 §4.1',
          'The request MUST contain a |Connection| header field whose value MUST include the "Upgrade" token.',
        ),
      },
    ),
    requestCase(
      'key',
      'The key is the base64 of 16 bytes, in one line',
      { 'sec-websocket-key': { pattern: '^[A-Za-z0-9+/]{22}==$' } },
      {
        references: rule(
          'RFC 6455 §4.1',
          'The value of this header field MUST be a nonce consisting of a randomly selected 16-byte value that has been base64-encoded (see Section 4 of [RFC4648]).',
        ),
      },
    ),
    requestCase(
      'key-tail',
      'The unused bits of the key are zero',
      { 'sec-websocket-key': { pattern: '^[A-Za-z0-9+/]{21}[AQgw]==$' } },
      {
        level: 'should',
        references: rule(
          'RFC 4648 §3.5',
          'These pad bits MUST be set to zero by conforming encoders, which is described in the descriptions on padding below.',
        ),
        why: 'A server with a strict decoder refuses a client that uses 22 random characters as its key.',
      },
    ),
    {
      name: 'key-fresh',
      title: 'The key is a new one',
      references: freshNonce,
      why: 'If the key is predictable, a cache or another page can prepare the answer.',
      steps: openAndClose(),
      outcomes: [
        { verdict: 'pass', reason: 'No earlier connection had this key.', when: { freshKey: true } },
        { verdict: 'fail', reason: 'An earlier connection had the same key.', when: { line: '' } },
      ],
    },
    ...['example', 'zeros'].map((name) => ({
      ...requestCase(
        `key-not-${name}`,
        name === 'example' ? 'The key is not the one of the RFC' : 'The key is not made of zero bytes',
        {
          'sec-websocket-key': {
            pattern:
              name === 'example'
                ? '^(?!dGhlIHNhbXBsZSBub25jZQ==|x3JJHMbDL1EzLkh9GBhXDw==|AQIDBAUGBwgJCgsMDQ4PE[CA]==).'
                : '^(?!AAAAAAAAAAAAAAAAAAAAAA==).',
          },
        },
        {
          references: freshNonce,
          why: 'A key from an example, or from uninitialized memory, is not random.',
        },
      ),
    })),
    requestCase(
      'version',
      'The version is 13, in one line',
      { 'sec-websocket-version': '13' },
      {
        references: rule(
          'RFC 6455 §4.1',
          'The request MUST include a header field with the name |Sec-WebSocket-Version|. The value of this header field MUST be 13.',
        ),
      },
    ),
    requestCase(
      'subprotocols',
      'Subprotocols are a list of tokens',
      { 'sec-websocket-protocol': { pattern: `^${token}(\\s*,\\s*${token})*$` } },
      {
        references: subprotocolElements,
      },
      true,
    ),
    requestCase(
      'unique-subprotocols',
      'No subprotocol is offered twice',
      { 'sec-websocket-protocol': { pattern: '^(?!(.*,)?\\s*([^\\s,]+)\\s*,(.*,)?\\s*\\2\\s*(,|$)).*$' } },
      {
        references: subprotocolElements,
      },
      true,
    ),
    requestCase(
      'extensions',
      'Extensions follow their grammar',
      { 'sec-websocket-extensions': { pattern: `^${extension}(\\s*,\\s*${extension})*$` } },
      {
        references: extensionGrammar,
      },
      true,
    ),
    requestCase(
      'origin',
      'Origin is a scheme, a host and an optional port',
      { origin: { pattern: '^([a-z][a-z0-9+.-]*://[^/?#@ ,]+|null)$' } },
      {
        references: rule(
          'RFC 6455 §4.1',
          'The value of this header field is the ASCII serialization of origin of the context in which the code establishing the connection is running.',
        ),
        why: 'Servers compare the whole text with the origins that they allow. A slash at its end makes it a different one.',
      },
      true,
    ),
    requestCase(
      'no-accept',
      'There is no Sec-WebSocket-Accept',
      { 'sec-websocket-accept': null },
      {
        level: 'should',
        references: rule(
          'RFC 6455 §11.3.3',
          'It is sent from the server to the client to confirm that the server is willing to initiate the WebSocket connection.',
        ),
        why: 'The field belongs in responses.',
      },
    ),
    requestCase(
      'no-length',
      'There is no Content-Length other than 0',
      { 'content-length': '0' },
      {
        level: 'should',
        references: noContentInGet,
        why: 'A server may refuse an upgrade with a body, or read its bytes as frames.',
      },
      true,
    ),
    requestCase(
      'no-transfer-encoding',
      'There is no Transfer-Encoding',
      { 'transfer-encoding': null },
      {
        level: 'should',
        references: noContentInGet,
        why: 'A server may refuse an upgrade with a body, or read its bytes as frames.',
      },
    ),
  ],
)
