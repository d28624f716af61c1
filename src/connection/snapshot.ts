/**
 * A connection as plain data, so that it can resume in another process or isolate or after hibernation, even in the middle of a message.
 * Resuming checks every value, because the store may have changed the data.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { join } from '../bytes/join.ts'
import { requireFlag, requireInteger, requireObject, requireOneOf } from '../bytes/plain.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { type PipelineState, resumePipeline, snapshotPipeline } from '../extensions/pipeline-state.ts'
import { isValidCloseCode, NO_STATUS, NORMAL, parseClosePayload } from '../frame/close.ts'
import { BINARY, TEXT } from '../frame/rules.ts'
import {
  type DecoderState,
  type MessageState,
  resumeAssembler,
  resumeDecoder,
  resumePieces,
  snapshotAssembler,
  snapshotDecoder,
  snapshotPieces,
} from '../frame/snapshot.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { Bytes, Role } from '../types.ts'
import { type AnyConnection, Connection, closeBegan } from './connection.ts'
import type { TextForm } from './events.ts'
import type { Incoming } from './incoming.ts'
import { type Lifecycle, type State, states } from './lifecycle.ts'
import { type ConnectionOptions, SharedConnectionOptions } from './options.ts'
import { endsInsidePair, OpenMessage, type Outgoing } from './outgoing.ts'
import { distanceToBorder, type Output } from './output.ts'

/** The state of the close. */
interface LifecycleState {
  readonly state: State
  /** Base64. */
  readonly pendingClose?: string | undefined
  /** The code of our Close; absent if there is none. */
  readonly sentCode?: number | undefined
}

/** The received part of a frame or message. */
interface IncomingState {
  readonly decoder: DecoderState
  readonly message?: MessageState | undefined
}

/** A message in pieces that has begun, and output that has not been taken. */
interface OutgoingState {
  readonly message?:
    | {
        readonly opcode: number
        readonly compress?: boolean | undefined
        readonly begun: boolean
        readonly held: string
      }
    | undefined
  /** The output, in base64. */
  readonly waiting: string
  /** The number of its bytes that nothing overtakes: the rest of a frame that was partly taken, and pongs. */
  readonly rest: number
}

/** The state of a connection's parts. It is not part of the API: it changes with `format`. */
interface ConnectionState {
  readonly text: TextForm
  readonly pieces: boolean
  readonly lifecycle: LifecycleState
  /** Bytes received. */
  readonly received: number
  /** Whether the transport has ended while received bytes are still unread. */
  readonly ended?: boolean | undefined
  /** The payload of the Close that answers the peer's Close if the user does not, in base64. */
  readonly answer?: string | undefined
  /** The number of our unanswered pings. Their pongs are not counted as a flood. */
  readonly unanswered?: number | undefined
  readonly incoming?: IncomingState | undefined
  readonly outgoing?: OutgoingState | undefined
  readonly pipeline?: PipelineState | undefined
}

/**
 * A connection as plain data, which `structuredClone` and `JSON.stringify` preserve. It contains data received from peers, so keep it
 * secret.
 *
 * @category Connections
 */
export interface ConnectionSnapshot {
  /** Changes when the contents of `state` change. */
  readonly format: 3
  /** The side that the connection plays. */
  readonly role: Role
  /** The agreement that the constructor received; `undefined` if there was none. */
  readonly agreement?: Agreement | undefined
  /** Everything else. It is private; only versions of this package with the same `format` can read it. */
  readonly state: object
}

/**
 * The options of a resumed connection. The role and the agreement come from the snapshot.
 *
 * @category Connections
 */
export type ResumeOptions<Text extends TextForm, Pieces extends boolean> =
  | Omit<ConnectionOptions<Text, Pieces>, 'role' | 'agreement'>
  | SharedConnectionOptions<Text, Pieces>

// Taking a snapshot

/**
 * Returns a connection as plain data, for {@link resumeConnection}. The data includes output that has not been taken and pending input,
 * but no times. Do not use the connection afterwards.
 *
 * @returns The snapshot; `undefined` if an extension cannot move (in the middle of a compressed message, or ever) or has thrown.
 * @throws TypeError if pending input is in a chunk that was given away, and its memory has been transferred.
 * @example
 * const stored = JSON.stringify(snapshotConnection(connection))
 *
 * @category Connections
 */
export function snapshotConnection(connection: AnyConnection): ConnectionSnapshot | undefined {
  connection.requireIdle()
  connection.busy = true
  try {
    return describe(connection)
  } finally {
    connection.busy = false
  }
}

function describe(connection: AnyConnection): ConnectionSnapshot | undefined {
  const { agreement, options, lifecycle, received, times, deadline } = connection
  if (connection.broken !== undefined || connection.outgoing?.failure !== undefined) return undefined
  const incoming = connection.incoming && describeIncoming(connection.incoming)
  const pipeline = connection.pipeline && snapshotPipeline(connection.pipeline)
  if ((connection.incoming && !incoming) || (connection.pipeline && !pipeline)) return undefined
  const state: ConnectionState = {
    text: options.text,
    pieces: options.pieces,
    lifecycle: describeLifecycle(lifecycle),
    received,
    ended: deadline?.readsOn || undefined,
    answer: deadline?.answer && encodeBase64(deadline.answer),
    unanswered: times?.unanswered || undefined,
    incoming,
    outgoing: connection.outgoing && describeOutgoing(connection.outgoing),
    pipeline,
  }
  return { format: 3, role: options.role, agreement: copyPlain(agreement) as Agreement | undefined, state }
}

function describeLifecycle({ state, pendingClose, sentCode }: Lifecycle): LifecycleState {
  return { state, pendingClose: pendingClose && encodeBase64(pendingClose), sentCode: sentCode || undefined }
}

function describeIncoming({ decoder, assembler, splitter, isInMessage }: Incoming): IncomingState | undefined {
  const state = snapshotDecoder(decoder)
  if (state === undefined || !isInMessage) return state && { decoder: state }
  return { decoder: state, message: splitter ? snapshotPieces(splitter) : assembler && snapshotAssembler(assembler) }
}

function describeOutgoing({ message, output }: Outgoing): OutgoingState {
  const rest = output.front
  const waiting = join(output.takeParts(Infinity))
  putBack(output, waiting, rest)
  return {
    message: message && {
      opcode: message.opcode,
      compress: message.compress,
      begun: message.begun,
      held: message.held,
    },
    waiting: encodeBase64(waiting),
    rest,
  }
}

function putBack(output: Output, waiting: Bytes, rest: number): void {
  output.addBytes(waiting)
  output.rest = rest
}

/** Copies plain data. Anything else is not copied. */
function copyPlain(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(copyPlain)
  if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype) return data
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, copyPlain(value)]))
}

// Resuming

/**
 * Resumes a connection from a snapshot.
 *
 * @param options The options of the original connection. The snapshot contains the role and the agreement, but not the limits, the
 *   extensions and other options.
 * @throws TypeError for an invalid snapshot, or one with other extensions, another `text`, other `pieces` or another role.
 * @example
 * const connection = resumeConnection(JSON.parse(stored), { extensions })
 *
 * @category Connections
 */
export function resumeConnection<Text extends TextForm = 'string', Pieces extends boolean = false>(
  snapshot: ConnectionSnapshot,
  options: ResumeOptions<Text, Pieces> = {},
): Connection<Text, Pieces> {
  requireRecord(options, 'the options of `resumeConnection`')
  if (snapshot?.format !== 3) throw new TypeError(`a snapshot must have format 3, not ${String(snapshot?.format)}`)
  const { role, agreement } = snapshot
  const shared =
    options instanceof SharedConnectionOptions ? options : new SharedConnectionOptions({ ...options, role })
  const state = requireObject(snapshot.state) as ConnectionState
  if (state.text !== shared.text || state.pieces !== shared.pieces || role !== shared.role)
    throw new TypeError('this snapshot was taken with another `text`, `pieces` or `role`')
  const connection = new Connection(shared, agreement)
  resume(connection, state)
  return connection
}

function resume(connection: AnyConnection, state: ConnectionState): void {
  const { lifecycle, received, ended = false, answer, unanswered = 0, incoming, outgoing, pipeline } = state
  if (incoming !== undefined) requireObject(incoming)
  resumeLifecycle(connection.lifecycle, lifecycle)
  connection.received = requireInteger(received, 0, Number.MAX_SAFE_INTEGER)
  if (pipeline !== undefined && connection.pipeline !== undefined) resumePipeline(connection.pipeline, pipeline)
  else if (pipeline !== connection.pipeline) throw new TypeError('this snapshot was taken with other extensions')
  if (outgoing !== undefined) resumeOutgoing(connection.ensureOutgoing(), outgoing, connection.role)
  const pings = requireInteger(unanswered, 0, Number.MAX_SAFE_INTEGER)
  if (connection.times !== undefined) connection.times.unanswered = pings
  const deadline = connection.lifecycle.state === 'open' ? undefined : closeBegan(connection, undefined)
  if (deadline !== undefined && answer !== undefined) deadline.answer = readAnswer(answer)
  if (incoming === undefined) return
  connection.incoming = connection.options.takeIncoming(connection.pipeline)
  resumeIncoming(connection.incoming, incoming)
  if (requireFlag(ended) && connection.incoming.hasUnread) closeBegan(connection, undefined).readsOn = true
}

/** The highest code allowed in a frame (RFC 6455 §7.4.2). */
const MAX_CLOSE_CODE = 4999

function resumeLifecycle(lifecycle: Lifecycle, stored: LifecycleState): void {
  const { state, pendingClose, sentCode } = requireObject(stored)
  lifecycle.state = requireOneOf(state, Object.keys(states) as State[])
  lifecycle.pendingClose = pendingClose === undefined ? undefined : decodeBase64(pendingClose)
  lifecycle.sentCode = sentCode === undefined ? 0 : requireInteger(sentCode, NORMAL, MAX_CLOSE_CODE)
  if (!isConsistent(lifecycle)) throw new TypeError(`a snapshot has a Close that is impossible in the state ${state}`)
}

/** Whether our Close and its code are possible in this state. */
function isConsistent({ state, pendingClose, sentCode }: Lifecycle): boolean {
  if (sentCode !== 0 && sentCode !== NO_STATUS && !isValidCloseCode(sentCode)) return false
  if (pendingClose !== undefined) {
    const close = attempt(() => parseClosePayload(pendingClose))
    if (close instanceof ProtocolError || close.code !== sentCode || state === 'open') return false
  }
  switch (state) {
    case 'open':
      return sentCode === 0
    case 'closing-local':
    case 'closed':
    case 'closing-both':
    case 'failing-silent':
      return sentCode !== 0
    case 'closing-remote':
      return (pendingClose === undefined) === (sentCode === 0)
    case 'failing':
      return pendingClose !== undefined
    default:
      return true
  }
}

function readAnswer(stored: string): Bytes {
  const answer = decodeBase64(stored)
  if (answer.length > 2 || attempt(() => parseClosePayload(answer)) instanceof ProtocolError)
    throw new TypeError('a snapshot has an invalid close code to answer with')
  return answer
}

function resumeIncoming({ decoder, assembler, splitter }: Incoming, state: IncomingState): void {
  resumeDecoder(decoder, state.decoder)
  if (state.message === undefined) return
  if (splitter !== undefined) resumePieces(splitter, state.message)
  if (assembler !== undefined) resumeAssembler(assembler, state.message)
}

function resumeOutgoing(outgoing: Outgoing, state: OutgoingState, role: Role): void {
  const { message, waiting, rest } = requireObject(state)
  const bytes = decodeBase64(waiting)
  if (distanceToBorder(bytes, requireInteger(rest, 0, bytes.length), bytes.length, role === 'client') !== 0)
    throw new TypeError('a snapshot has output that is not whole frames')
  putBack(outgoing.output, bytes, rest)
  if (message === undefined) return
  const { opcode, compress, begun, held } = requireObject(message)
  const open = new OpenMessage(
    requireInteger(opcode, TEXT, BINARY),
    compress === undefined ? undefined : requireFlag(compress),
  )
  open.begun = requireFlag(begun)
  if (held !== '' && !(typeof held === 'string' && held.length === 1 && endsInsidePair(held)))
    throw new TypeError('a snapshot has something other than half a surrogate pair')
  open.held = held
  outgoing.message = open
}
