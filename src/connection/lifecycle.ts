/**
 * How a connection closes: its states as a table, the Close frames that it sends and receives, and the close event (RFC 6455 §5.5.1,
 * §7.1). It decides what the connection may still send and read.
 *
 * ```
 *          ┌─ close() ──▶ closing-local ──┬─ their Close ──▶ closed
 *          │                              └─ an error ──▶ failed
 *   open ──┼─ their Close ──▶ closing-remote ── close(), a take ──▶ closing-both ── our Close taken ──▶ closed
 *          └─ an error ──▶ failing ── a take ──▶ failing-silent ── our Close taken ──▶ failed
 *
 *   a client has waited for the server: closed ──▶ ended
 *   the transport ends: every state ──▶ ended
 *   a timeout, or too many bytes after the close event: every state ──▶ destroyed
 * ```
 *
 * With `autoClose: false` and without `close()`, a take leaves `closing-remote` as it is.
 *
 * @module
 */

import { ProtocolError } from '../errors.ts'
import { ABNORMAL, formatClosePayload, isValidCloseCode, PROTOCOL_ERROR, parseClosePayload } from '../frame/close.ts'
import type { Bytes, Role } from '../types.ts'
import type { ConnectionClosed } from './events.ts'

/** The state of a connection. */
export type State =
  /** No Close has been sent or received. */
  | 'open'
  /** The user has closed: our Close follows earlier messages, and the peer's Close has not arrived. */
  | 'closing-local'
  /** The peer's Close has arrived. Messages may still be sent before ours. */
  | 'closing-remote'
  /** As `closing-remote`, after `close()` or the first take: nothing more may be sent before our Close. */
  | 'closing-both'
  /** The peer broke a rule. Messages may still be sent before our Close; the peer's Close is not read. */
  | 'failing'
  /** As `failing`, after the first take: nothing more may be sent before our Close. */
  | 'failing-silent'
  /** The peer's Close has arrived; ours has been sent or queued. */
  | 'closed'
  /** After an error, our Close has been sent, queued or dropped; no more input is read. */
  | 'failed'
  /** The transport has ended, or a client has waited long enough for its end. */
  | 'ended'
  /** The transport is to be destroyed, with everything not yet taken. */
  | 'destroyed'

/** The events that change the state. */
export type Input = 'close' | 'close-received' | 'silence' | 'close-taken' | 'error' | 'waited' | 'end' | 'destroy'

/** The permissions of a state, and the states that follow it. An input without an entry does not change the state, on purpose. */
interface StateEntry {
  /** Whether messages may be sent: `close()` has not been called, and our Close has not been taken. */
  readonly sends: boolean
  /** Whether input is read: the close event has not been reported. */
  readonly receives: boolean
  readonly next: { readonly [Name in Input]?: State }
}

/** A Close is the last frame that a side sends, and the last that it reads (RFC 6455 §5.5.1). */
export const states: { readonly [Name in State]: StateEntry } = {
  open: {
    sends: true,
    receives: true,
    next: {
      close: 'closing-local',
      'close-received': 'closing-remote',
      error: 'failing',
      end: 'ended',
      destroy: 'destroyed',
    },
  },
  'closing-local': {
    sends: false,
    receives: true,
    next: { 'close-received': 'closed', error: 'failed', end: 'ended', destroy: 'destroyed' },
  },
  'closing-remote': {
    sends: true,
    receives: false,
    next: { close: 'closing-both', silence: 'closing-both', end: 'ended', destroy: 'destroyed' },
  },
  'closing-both': {
    sends: false,
    receives: false,
    next: { 'close-taken': 'closed', end: 'ended', destroy: 'destroyed' },
  },
  // Our Close is not queued until output is taken, so that you can still answer messages received before the error.
  failing: { sends: true, receives: false, next: { silence: 'failing-silent', end: 'ended', destroy: 'destroyed' } },
  'failing-silent': {
    sends: false,
    receives: false,
    next: { 'close-taken': 'failed', end: 'ended', destroy: 'destroyed' },
  },
  closed: { sends: false, receives: false, next: { waited: 'ended', end: 'ended', destroy: 'destroyed' } },
  failed: { sends: false, receives: false, next: { end: 'ended', destroy: 'destroyed' } },
  ended: { sends: false, receives: false, next: { destroy: 'destroyed' } },
  destroyed: { sends: false, receives: false, next: {} },
}

/** The most ASCII characters in a close reason (RFC 6455 §5.5). */
const MAX_REASON = 123

/** The state of one connection. */
export class Lifecycle {
  state: State = 'open'
  /** The payload of our Close frame until it is added to the output, as the last frame. */
  pendingClose: Bytes | undefined = undefined
  /** The code of our Close; 1005 if the Close has no code; 0 if there is no Close. */
  sentCode = 0

  /** Whether messages may be sent. */
  get sends(): boolean {
    return states[this.state].sends
  }

  /** Whether pongs may be sent: while messages may, and in `closing-local` until our Close is in the output. */
  get sendsPongs(): boolean {
    return this.sends || (this.state === 'closing-local' && this.pendingClose !== undefined)
  }

  /** Whether input is read. */
  get receives(): boolean {
    return states[this.state].receives
  }

  /** Whether nothing more will be read or queued, so that extensions can be closed. Our Close may still be in the output. */
  get over(): boolean {
    return !this.sends && !this.receives
  }

  get name(): 'open' | 'closing' | 'closed' {
    if (this.state === 'open') return 'open'
    return this.state === 'closing-local' ? 'closing' : 'closed'
  }

  // "when a server is instructed to _Close the WebSocket Connection_ it SHOULD initiate a TCP Close immediately, and when a
  // client is instructed to do the same, it SHOULD wait for a TCP Close from the server."             RFC 6455 §7.1.1
  /** Whether to end the transport once all output is taken. After both Closes, a client first waits for the server to end it. */
  ends(role: Role): boolean {
    return this.state === 'ended' || this.state === 'failed' || (this.state === 'closed' && role === 'server')
  }

  /** Begins a close. Returns `false` if our Close is already queued, or can never be sent. */
  close(payload: Bytes): boolean {
    if (this.state !== 'open' && !(this.state === 'closing-remote' && this.pendingClose === undefined)) return false
    this.#queueClose(payload)
    this.move('close')
    return true
  }

  // "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame
  // in response. (When sending a Close frame in response, the endpoint typically echos the status code it received.)"
  //                                                                                                 RFC 6455 §5.5.1
  /** Handles the peer's Close. If `answers` is true, queues ours, unless it has been queued before. */
  receiveClose(payload: Bytes, answers: boolean): ConnectionClosed {
    const { code, reason } = parseClosePayload(payload)
    const by = this.state === 'open' ? 'remote' : 'local'
    if (by === 'remote' && answers) this.#queueClose(payload.slice(0, 2))
    this.move('close-received')
    return this.#report(code, reason, true, by, undefined)
  }

  // "If _The WebSocket Connection is Established_ … the endpoint SHOULD send a Close frame with an appropriate status code
  // before proceeding to _Close the WebSocket Connection_", and reads nothing more.                 RFC 6455 §7.1.7
  /** Handles a rule that the peer broke. If `explains` is true, the reason of our Close is the error message, in ASCII. */
  fail(error: ProtocolError, explains = false): ConnectionClosed {
    const { closeCode, message } = error
    // The error of an extension may have a code that is not allowed in a frame.
    const code = closeCode !== undefined && isValidCloseCode(closeCode) ? closeCode : PROTOCOL_ERROR
    const reason = explains ? message.replace(/[^ -~]/gu, '?').slice(0, MAX_REASON) : ''
    if (this.state === 'open') this.#queueClose(formatClosePayload(code, reason))
    this.move('error')
    return this.#report(code, '', false, 'local', error)
  }

  /** Handles the end of the transport. Returns `undefined` if the close has already been reported. */
  end(): ConnectionClosed | undefined {
    return this.#breakOff('end', this.state === 'open' ? 'transport' : 'local', undefined)
  }

  /** Handles a timeout: nothing more is sent, not even a Close. Returns `undefined` as {@link end} does. */
  timeOut(due: 'silent' | 'unclosed'): ConnectionClosed | undefined {
    const [message, section] =
      due === 'silent'
        ? ['keepalive timeout: nothing received, not even a pong', '§5.5.2']
        : ['close timeout: the close took longer than `closeTimeout`', '§7.1.1']
    const error = new ProtocolError('timeout', message, { reference: `RFC 6455 ${section}` })
    if (this.pendingClose !== undefined) {
      // It will never be sent.
      this.pendingClose = undefined
      this.sentCode = 0
    }
    return this.#breakOff('destroy', 'local', error)
  }

  /** Allows nothing more before our Close, if there is one that has not been taken. */
  silence(): void {
    if (this.pendingClose !== undefined) this.move('silence')
  }

  #breakOff(input: Input, by: 'local' | 'transport', error: ProtocolError | undefined): ConnectionClosed | undefined {
    const { receives } = this
    this.move(input)
    return receives ? this.#report(ABNORMAL, '', false, by, error) : undefined
  }

  #report(
    code: number,
    reason: string,
    clean: boolean,
    by: ConnectionClosed['by'],
    error: ProtocolError | undefined,
  ): ConnectionClosed {
    return { type: 'close', code, reason, sentCode: this.sentCode || undefined, clean, by, error }
  }

  #queueClose(payload: Bytes): void {
    this.pendingClose = payload
    this.sentCode = parseClosePayload(payload).code
  }

  /** Changes the state by the table. */
  move(input: Input): void {
    this.state = states[this.state].next[input] ?? this.state
  }
}
