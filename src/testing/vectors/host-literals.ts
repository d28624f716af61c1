/**
 * Test vectors for servers: valid and invalid values of `Host`, each in an otherwise valid request.
 *
 * @module
 */

import type { Bytes } from '../../types.ts'
import { requestBytes } from './request-bytes.ts'

/** A value of `Host`, and whether it may open a WebSocket. */
export interface HostLiteral {
  /** The value itself, unique among the vectors. */
  readonly title: string
  /** The value of `Host`. */
  readonly host: string
  /** The whole request, with this `Host`. Fresh on each access: you may cut or overwrite it. */
  readonly bytes: Bytes
  /** 101; or 400 for a `Host` that is not a host and port, or that no URL can name. */
  readonly status: 101 | 400
  /** The section that applies. */
  readonly reference: string
}

/** A single pure call, so that bundlers can drop the table without inspecting its rows. */
function table(rows: () => readonly HostLiteral[]): readonly HostLiteral[] {
  return Object.freeze(rows())
}

function vectors(status: 101 | 400, reference: string, hosts: readonly string[]): HostLiteral[] {
  return hosts.map((host) =>
    Object.freeze({
      title: JSON.stringify(host),
      host,
      get bytes(): Bytes {
        return requestBytes({ Host: host })
      },
      status,
      reference,
    }),
  )
}

/**
 * Hosts by RFC 3986 §3.2.2, as `Host` carries them (RFC 9110 §7.2). A server answers 400 to invalid ones (RFC 9112 §3.2). An
 * address of a future version (`[v1.a]`) and a port past 65535 fit the grammar, but no `ws` URL can name them. The list grows with
 * minor versions.
 *
 * @example
 * test.each(hostLiterals)('$title: $status', async ({ bytes, status }) => {
 *   expect((await send(bytes)).status).toBe(status)
 * })
 */
export const hostLiterals: readonly HostLiteral[] = /* @__PURE__ */ table(() => [
  ...vectors(101, 'RFC 3986 §3.2.2', [
    'a.example',
    'A.Example',
    'a.example.',
    'localhost',
    'a_b.example',
    'xn--bcher-kva.example',
    '%61.example',
    '127.0.0.1',
    '[::]',
    '[::1]',
    '[1::]',
    '[1:2:3:4:5:6:7:8]',
    '[1:2:3:4:5:6:7::]',
    '[::2:3:4:5:6:7:8]',
    '[2001:DB8::8:800:200c:417a]',
    '[::ffff:192.0.2.1]',
    '[1:2:3:4:5:6:192.0.2.1]',
  ]),
  ...vectors(101, 'RFC 3986 §3.2.3', ['a.example:80', 'a.example:65535', 'a.example:', '[::1]:8080', '127.0.0.1:8080']),
  // The grammar allows an empty host; `http` does not.
  ...vectors(400, 'RFC 9110 §4.2.1', ['', ':80']),
  ...vectors(400, 'RFC 3986 §3.2.2', [
    'a b',
    'a"b',
    'a\\b',
    '%',
    '%6',
    '%zz',
    'a.example/chat',
    'a.example?x',
    'a.example#x',
    'user@a.example',
    'user:secret@a.example',
    '::1',
    '[]',
    '[::1',
    '[::1]a',
    '[:]',
    '[.]',
    '[1]',
    '[cafe.de]',
    '[a.example]',
    '[127.0.0.1]',
    '[::::::]',
    '[:::1]',
    '[1::2::3]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:2:3:4:5:6:7:8::]',
    '[1::2:3:4:5:6:7:8]',
    '[:1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:]',
    '[12345::1]',
    '[g::1]',
    '[::1.2.3]',
    '[::1.2.3.4.5]',
    '[::1.2.3.256]',
    '[::01.2.3.4]',
    '[1.2.3.4::]',
    '[fe80::1%eth0]',
    '[fe80::1%25eth0]',
    '[v.a]',
    '[v1.]',
    '[v1]',
  ]),
  ...vectors(400, 'RFC 3986 §3.2.3', ['a.example:80:80', 'a.example:+80', 'a.example:8a', 'a.example: 80', '[::1]:8a']),
  ...vectors(400, 'RFC 6455 §3', ['[v1.a]', '[vF.a:b]:80', 'a.example:65536', 'a.example:99999', '[::1]:100000']),
])
