/**
 * The interface of a carrier. HTTP/1.1 `Upgrade` and extended CONNECT carry the same handshake; this covers what differs.
 * Version, subprotocols, extensions and origin do not.
 *
 * @module
 */

import type { ProtocolError } from '../errors.ts'
import type { HeaderList, HeaderPairs } from '../http/headers.ts'
import type { RequestHead } from '../http/request.ts'
import type { ResponseHead } from '../http/response.ts'
import type { OpeningFields } from './opening-fields.ts'

/** The server side of a carrier. */
export interface ServerCarrier {
  /** The status for an unsupported WebSocket version. */
  readonly versionStatus: number
  /** The method of an opening request. */
  readonly method: string
  /** Whether the request asks for a WebSocket, and its faults in order of precedence. */
  judge(head: RequestHead, fields: OpeningFields): Asking
  /** The fault of `Sec-WebSocket-Key`. With `offWire` it may be missing. */
  checkKey(fields: OpeningFields, strict: boolean, offWire: boolean): ProtocolError | undefined
  /** The response to a request without faults. */
  grant(head: RequestHead, fields: OpeningFields, agreed: HeaderList): ResponseHead
  /**
   * The connection-specific fields of a refusal.
   *
   * @param faults The first sets the status.
   * @param keepAlive Whether the connection may stay open if head and framing are sound.
   */
  refusalFields(head: RequestHead, faults: Findings, keepAlive: boolean): HeaderList
}

/**
 * The data of a fault, as an error or before one is created: because of its stack, an error costs more than a whole handshake.
 */
export type Finding = Pick<ProtocolError, 'code' | 'message' | 'reference' | 'status'>

/** At least one. */
export type Findings = readonly [Finding, ...Finding[]]

/** The result of {@link ServerCarrier.judge}. */
export type Asking =
  | {
      readonly asked: true
      readonly faults: ProtocolError[]
      /** A list that names `websocket` but has an invalid element. Ranks after the origin. */
      readonly listFault?: ProtocolError | undefined
    }
  | {
      /** Plain HTTP: nothing else was checked. */
      readonly asked: false
      readonly faults: readonly [Finding]
    }

/** The inputs of a client's request. */
export interface Wish {
  readonly version: '1.1' | '2' | '3'
  readonly secure: boolean
  /** Host and port, as in the URL. */
  readonly host: string
  readonly target: string
  readonly key: string
  /** The fields that all carriers share; `extra` are the caller's own. */
  readonly fields: HeaderList
  readonly extra: HeaderList
}

/** The client side of a carrier. */
export interface ClientCarrier {
  /** Whether the request has a key, which the server must answer. */
  readonly hasKey: boolean
  /** For messages: the status that opens. */
  readonly opening: string
  opens(status: number): boolean
  request(wish: Wish): RequestHead
  /** The faults of a response that opens, in the order of the rules. */
  verify(headers: HeaderPairs, key: string): readonly (ProtocolError | undefined)[]
}
