/**
 * What a way of carrying the handshake has to do: HTTP/1.1's `Upgrade` and extended CONNECT are two ways to carry the same
 * one. Knows what differs between them, and that everything else (version, subprotocols, extensions, origin) does not.
 *
 * @module
 */

import type { ProtocolError } from '../errors.ts'
import type { HeaderList, HeaderPairs } from '../http/headers.ts'
import type { RequestHead } from '../http/request.ts'
import type { ResponseHead } from '../http/response.ts'
import type { OpeningFields } from './opening-fields.ts'

/** The carrier's part of what a server does. */
export interface ServerCarrier {
  /** The status for a version that this server does not speak. */
  readonly versionStatus: number
  /** The one method that asks. */
  readonly method: string
  /** Whether a WebSocket is asked for, and what is wrong with the message that asks, in the order in which it counts. */
  judge(head: RequestHead, fields: OpeningFields): Asking
  /** What is wrong with `Sec-WebSocket-Key`. A request that never was on a wire may have none. */
  checkKey(fields: OpeningFields, strict: boolean, offWire: boolean): ProtocolError | undefined
  /** The answer to a request in which nothing is wrong. */
  grant(head: RequestHead, fields: OpeningFields, agreed: HeaderList): ResponseHead
  /**
   * The fields of a refusal that belong to one connection.
   *
   * @param faults The first gives the status.
   * @param keepAlive Whether the connection may go on, if head and framing are sound.
   */
  refusalFields(head: RequestHead, faults: Findings, keepAlive: boolean): HeaderList
}

/**
 * What a fault says, as an error or before one is made of it: an exception costs more than a whole handshake (4.5 to 3.9 µs, Node 20),
 * for its stack.
 */
export type Finding = Pick<ProtocolError, 'code' | 'message' | 'reference' | 'status'>

/** One at least. */
export type Findings = readonly [Finding, ...Finding[]]

/** How a request asks. */
export type Asking =
  | {
      readonly asked: true
      readonly faults: ProtocolError[]
      /** A list that names `websocket` and holds what is no protocol. It counts behind the origin. */
      readonly listFault?: ProtocolError | undefined
    }
  | {
      /** All plain HTTP comes this way: nothing else was looked at. */
      readonly asked: false
      readonly faults: readonly [Finding]
    }

/** What a client knows when it writes its request. */
export interface Wish {
  readonly version: '1.1' | '2' | '3'
  readonly secure: boolean
  /** Host and port, as the URL has them. */
  readonly host: string
  readonly target: string
  readonly key: string
  /** The fields that are the same for all carriers, and then the caller's own. */
  readonly fields: HeaderList
  readonly extra: HeaderList
}

/** The carrier's part of what a client does. */
export interface ClientCarrier {
  /** Whether the server is to prove by a key that it speaks WebSocket. */
  readonly hasKey: boolean
  /** For messages: the status that opens. */
  readonly opening: string
  opens(status: number): boolean
  request(wish: Wish): RequestHead
  /** What is wrong with an answer that opens, each rule's fault in the order of the rules. */
  verify(headers: HeaderPairs, key: string): readonly (ProtocolError | undefined)[]
}
