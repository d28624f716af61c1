/**
 * How one connection closes: who began, which Close frames are sent and received, and what is reported (RFC 6455 §5.5.1, §7.1).
 * Runs the table in `state.ts`.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { requireInteger, requireObject, requireOneOf } from '../bytes/plain.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { fitCloseReason, formatClosePayload, mayCloseCodeTravel, parseClosePayload } from '../frame/close.ts'
import { CloseCode } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'
import type { ConnectionClosed } from './events.ts'
import { type Input, type State, states } from './state.ts'

/** The state of a connection's close, as plain data. */
export interface LifeState {
  readonly current: State
  /** Base64. */
  readonly owedClose?: string | undefined
  /** The code of our Close; absent: there is none. */
  readonly sentCode?: number | undefined
}

/** The highest code allowed in a frame (RFC 6455 §7.4.2). */
const MAX_CLOSE_CODE = 4999

/** The state of one connection. */
export class Life {
  /** The payload of our Close frame, until the output is taken: it is sent last. */
  owedClose: Bytes | undefined = undefined
  private current: State = 'open'
  /** The code of our Close, 1005 for one without a code; 0: there is none. */
  private sentCode = 0

  /** Messages may be sent. */
  get sends(): boolean {
    return states[this.current].sends
  }

  // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close frame."
  //                                                                                                 RFC 6455 §5.5.2
  /** Pongs may be sent, even while our own Close waits in the output: they go before it. */
  get sendsPongs(): boolean {
    return this.sends || (this.current === 'closing-local' && this.owedClose !== undefined)
  }

  /** Input is read. */
  get receives(): boolean {
    return states[this.current].receives
  }

  /** Nothing more will be read or queued. */
  get over(): boolean {
    return !this.sends && !this.receives
  }

  get open(): boolean {
    return this.current === 'open'
  }

  get name(): 'open' | 'closing' | 'closed' {
    if (this.current === 'open') return 'open'
    return this.current === 'closing-local' ? 'closing' : 'closed'
  }

  // "the underlying TCP connection, in most normal cases, SHOULD be closed first by the server"        RFC 6455 §7.1.1
  /** Nothing more will be received or queued. */
  isDone(role: Role): boolean {
    return this.current === 'ended' || this.current === 'failed' || (this.current === 'closed' && role === 'server')
  }

  /** Begins a close. `false`: our Close is already queued, or can never be sent. */
  close(payload: Bytes): boolean {
    if (this.current !== 'open' && !(this.current === 'closing-remote' && this.owedClose === undefined)) return false
    this.owe(payload)
    this.move('close')
    return true
  }

  // "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame
  // in response. (When sending a Close frame in response, the endpoint typically echos the status code it received.)"
  //                                                                                                 RFC 6455 §5.5.1
  /**
   * Their Close has arrived.
   *
   * @param answers Whether we answer automatically.
   */
  receiveClose(payload: Bytes, answers: boolean): ConnectionClosed {
    const { code, reason } = parseClosePayload(payload)
    const by = this.current === 'open' ? 'remote' : 'local'
    if (by === 'remote' && answers) this.owe(formatClosePayload(code === CloseCode.NoStatus ? undefined : code))
    this.move('close-received')
    return this.report({ code, reason, clean: true, by, error: undefined })
  }

  // "If _The WebSocket Connection is Established_ … the endpoint SHOULD send a Close frame with an appropriate status code
  // before proceeding to _Close the WebSocket Connection_", and reads nothing more.                 RFC 6455 §7.1.7
  /**
   * The peer broke a rule.
   *
   * @param explains Whether our Close says which.
   */
  fail(error: ProtocolError, explains = false): ConnectionClosed {
    const { closeCode } = error
    // The error of an extension may have a code that is not allowed in a frame.
    const code = closeCode !== undefined && mayCloseCodeTravel(closeCode) ? closeCode : CloseCode.ProtocolError
    if (this.current === 'open') this.owe(formatClosePayload(code, explains ? explanation(error) : ''))
    this.move('fault')
    return this.report({ code, reason: '', clean: false, by: 'local', error })
  }

  /** The transport has ended. `undefined`: the close has already been reported. */
  end(): ConnectionClosed | undefined {
    return this.breakOff('end', this.current === 'open' ? 'transport' : 'local', undefined)
  }

  /** A wait has timed out: nothing more is sent, not even a Close. */
  timeOut(due: 'silent' | 'unclosed'): ConnectionClosed | undefined {
    return this.breakOff('time-out', 'local', timeOut(due))
  }

  /** The output with our Close has been taken. */
  closeTaken(): void {
    if (this.owedClose !== undefined) this.move('close-taken')
    this.owedClose = undefined
  }

  /** The state as plain data. */
  snapshot(): LifeState {
    const { current, owedClose, sentCode } = this
    return { current, owedClose: owedClose && encodeBase64(owedClose), sentCode: sentCode || undefined }
  }

  /** Restores a snapshot. Throws `TypeError` for an impossible state. */
  resume(state: LifeState): void {
    const { current, owedClose, sentCode } = requireObject(state)
    this.current = requireOneOf(current, Object.keys(states) as State[])
    this.owedClose = owedClose === undefined ? undefined : decodeBase64(owedClose)
    this.sentCode = sentCode === undefined ? 0 : requireInteger(sentCode, CloseCode.Normal, MAX_CLOSE_CODE)
    if (!this.isConsistent())
      throw new TypeError(`a snapshot has a Close that a connection which is ${current} cannot have`)
  }

  /** Whether our Close and its code are possible in this state. */
  private isConsistent(): boolean {
    const { current, owedClose, sentCode } = this
    if (sentCode !== 0 && sentCode !== CloseCode.NoStatus && !mayCloseCodeTravel(sentCode)) return false
    if (owedClose !== undefined) {
      const close = attempt(() => parseClosePayload(owedClose))
      if (close instanceof ProtocolError || close.code !== sentCode || current === 'open') return false
    }
    switch (current) {
      case 'open':
        return sentCode === 0
      case 'closing-local':
      case 'closed':
        return sentCode !== 0
      case 'closing-remote':
        return (owedClose === undefined) === (sentCode === 0)
      case 'closing-both':
      case 'failing':
        return owedClose !== undefined
      default:
        return true
    }
  }

  private breakOff(
    input: Input,
    by: 'local' | 'transport',
    error: ProtocolError | undefined,
  ): ConnectionClosed | undefined {
    const wasAwaited = this.receives
    this.move(input)
    if (input === 'time-out' && this.owedClose !== undefined) {
      // It will never be sent.
      this.owedClose = undefined
      this.sentCode = 0
    }
    if (!wasAwaited) return undefined
    return this.report({ code: CloseCode.Abnormal, reason: '', clean: false, by, error })
  }

  private owe(payload: Bytes): void {
    this.owedClose = payload
    this.sentCode = parseClosePayload(payload).code
  }

  private report(closed: Omit<ConnectionClosed, 'type' | 'sentCode'>): ConnectionClosed {
    return { type: 'close', ...closed, sentCode: this.sentCode || undefined }
  }

  private move(input: Input): void {
    this.current = states[this.current].next[input] ?? this.current
  }
}

/** The error as a close reason: at most 123 bytes of printable ASCII. */
function explanation({ message }: ProtocolError): string {
  return fitCloseReason(message).replace(/[^ -~]/gu, '?')
}

function timeOut(due: 'silent' | 'unclosed'): ProtocolError {
  const [message, section] =
    due === 'silent'
      ? ['nothing came, not even the answer to a ping, for as long as `keepalive` allows', '§5.5.2']
      : ['the end has taken longer than `closeAfter`, or else `keepalive`, allows', '§7.1.1']
  return new ProtocolError('time-out', message, { reference: `RFC 6455 ${section}` })
}
