/**
 * Connections to a server under test: over TCP or TLS, and streams of HTTP/2.
 *
 * @module
 */

import type { EventEmitter } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { CaseTransport, Http2Request } from '../testing/case-options.ts'
import { suggest, UsageError } from './usage.ts'

/** The address of a server, and how to connect to it. */
export interface Target {
  /** The value of `Host` or `:authority`. */
  readonly host: string
  /** With its query. */
  readonly path: string
  /** The value of `Authorization`, from the URL's user and password. */
  readonly authorization: string | undefined
  /** Opens a new connection. Rejects if that takes too long. */
  readonly open: () => Promise<CaseTransport>
  /** Closes HTTP/2 connections that no case has used. */
  readonly close: () => void
}

export interface TargetOptions {
  readonly http2: boolean
  /** Whether to accept any certificate. */
  readonly insecure: boolean
}

/** Milliseconds for a connection. The time is long because the suite itself can be busy with another case. */
const CONNECT_TIME = 10_000

/** In megabytes. With Node's default, a queued message of 16 MiB ends the session. */
export const MAX_SESSION_MEMORY = 64

const schemes = ['ws:', 'wss:', 'http:', 'https:']

/** @throws UsageError if the text is not such a URL. */
export function parseTarget(text: string, options: TargetOptions): Target {
  if (!URL.canParse(text)) {
    // Before an @ there may be a password.
    const given = JSON.stringify(text.replace(/^.*@/s, '…@'))
    throw new UsageError(`${given} is not a URL such as ws://localhost:8080/`)
  }
  const url = new URL(text)
  if (!schemes.includes(url.protocol))
    throw new UsageError(`${url.protocol} is not one of ${schemes.join(', ')}${suggest(url.protocol, schemes)}`)
  const isSecure = url.protocol === 'wss:' || url.protocol === 'https:'
  const address: Address = {
    isSecure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isSecure ? 443 : 80),
  }
  const sessions = new Set<ClientHttp2Session>()
  return {
    host: url.host,
    path: `${url.pathname}${url.search}`,
    authorization: url.username === '' && url.password === '' ? undefined : formatBasic(url),
    open: options.http2 ? () => openHttp2(address, options, sessions) : () => openSocket(address, options),
    close() {
      for (const session of sessions) session.destroy()
    },
  }
}

function formatBasic({ username, password }: URL): string {
  try {
    return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
  } catch {
    throw new UsageError('The user or password in the URL is not percent-encoded UTF-8.')
  }
}

interface Address {
  readonly isSecure: boolean
  readonly hostname: string
  readonly port: number
}

function openSocket({ isSecure, hostname, port }: Address, options: TargetOptions): Promise<Socket> {
  const common = { host: hostname, port, allowHalfOpen: true }
  const socket = isSecure
    ? connectTls({
        ...common,
        // SNI carries names only, no IP addresses.
        ...(/[:]|^[\d.]+$/.test(hostname) ? {} : { servername: hostname }),
        ALPNProtocols: ['http/1.1'],
        rejectUnauthorized: !options.insecure,
      })
    : connectTcp(common)
  return waitFor(socket, isSecure ? 'secureConnect' : 'connect').then(() => socket)
}

/** Resolves with the first event of this name. Rejects if an error comes first, or when the time is over. */
function waitFor(emitter: EventEmitter & { destroy(): unknown }, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      emitter.destroy()
      reject(new Error(`no connection within ${CONNECT_TIME} ms`))
    }, CONNECT_TIME)
    // The listener stays: an error without a listener would end the process.
    emitter.on('error', (error: Error) => {
      clearTimeout(timer)
      // If several addresses failed, Node's error has a list of errors and no message.
      const { errors } = error as AggregateError
      reject(explain(errors?.[0] instanceof Error ? errors[0] : error))
    })
    emitter.on(event, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** What the user can do about an error, if its message does not say it. */
function explain(error: NodeJS.ErrnoException): Error {
  const { code = '', message } = error
  if (code === 'ERR_HTTP2_ERROR' || code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
    return new Error('the server does not understand HTTP/2: leave out --http2')
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return new Error('the server does not use TLS: use ws: or http:')
  if (/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_HAS_EXPIRED|ALTNAME_INVALID/.test(code))
    return new Error(`${message}; --insecure accepts any certificate`)
  return error
}

/** Opens a connection for each stream, so that a case cannot disturb the next one. */
async function openHttp2(
  { isSecure, hostname, port }: Address,
  options: TargetOptions,
  sessions: Set<ClientHttp2Session>,
): Promise<Http2Request> {
  const name = hostname.includes(':') ? `[${hostname}]` : hostname
  const session = connectHttp2(`${isSecure ? 'https' : 'http'}://${name}:${port}`, {
    maxSessionMemory: MAX_SESSION_MEMORY,
    rejectUnauthorized: !options.insecure,
  })
  sessions.add(session)
  session.on('close', () => sessions.delete(session))
  await waitFor(session, 'remoteSettings')
  if (session.remoteSettings.enableConnectProtocol !== true) {
    session.destroy()
    throw new Error(
      'the server does not announce WebSockets over HTTP/2 (SETTINGS_ENABLE_CONNECT_PROTOCOL, RFC 8441 §3)',
    )
  }
  return { carrier: 'http/2', scheme: isSecure ? 'https' : 'http', request: (fields) => sendRequest(session, fields) }
}

type Fields = readonly (readonly [name: string, value: string])[]

function sendRequest(session: ClientHttp2Session, fields: Fields): ReturnType<Http2Request['request']> {
  return new Promise((resolve, reject) => {
    const stream = session.request(toHeaders(fields), { endStream: false })
    stream.on('error', reject)
    stream.on('response', (headers) => resolve({ fields: fromHeaders(headers), stream }))
    stream.on('close', () => {
      reject(new Error(`the stream was reset with code ${stream.rstCode} before a response`))
      session.destroy()
    })
  })
}

/** Fields in Node's form. */
export function toHeaders(fields: Fields): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of fields) {
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  return headers
}

/** Fields in the runner's form. */
export function fromHeaders(
  headers: Readonly<Record<string, string | readonly string[] | number | undefined>>,
): [name: string, value: string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, String(each)]),
  )
}
