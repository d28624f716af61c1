/**
 * Runs one case over one connection: performs its steps, answers the agent's pings and Close, and judges the result.
 *
 * @module
 */

import { join } from '../bytes/join.ts'
import { ProtocolError } from '../errors.ts'
import { encodeFrame } from '../frame/encode.ts'
import { CLOSE, PING, PONG } from '../frame/rules.ts'
import { field } from '../handshake/fields.ts'
import { computeAccept, generateKey } from '../handshake/key.ts'
import { getHeader, getHeaders, type HeaderPairs } from '../http/headers.ts'
import type { RequestHead } from '../http/request.ts'
import { type ResponseHead, responseFromFields } from '../http/response.ts'
import { systemTimers } from '../platform/timers.ts'
import type { Role } from '../types.ts'
import type { AwaitStep, Case, Chunks, OpenStep, Piece, Step } from './case.ts'
import {
  type CaseOptions,
  type CaseTransport,
  carrierOf,
  findSkipReason,
  type Http2Request,
  type Http2Response,
  refuse,
  requireCaseOptions,
  requireTransport,
  resultWithout,
  STOPPED,
} from './case-options.ts'
import { chunk } from './chunks.ts'
import { createDataCache, isEqual, type Seen } from './conditions.ts'
import { dataBytes, encodePiece } from './data.ts'
import type { Fault, ReceivedFrame } from './incoming.ts'
import { judge } from './judge.ts'
import {
  fieldsText,
  findRequestError,
  findResponseError,
  headBytes,
  offersDeflate,
  offersSubprotocol,
  readDeflateAgreement,
  readRequestFields,
  requestFields,
  requestText,
  responseFields,
  responseText,
  sentFields,
  sentStatus,
  type Values,
  valuesOf,
} from './opening.ts'
import { xorshift32 } from './random.ts'
import type { CaseResult, Ending } from './result.ts'
import { type Output, Wire } from './wire.ts'

/** The longest write that the option `chunks` cuts, in bytes. Longer writes would take too long in pieces. */
const MAX_CUT = 65_536

/** The longest that a case waits for an agent in all, in time-outs. It also bounds an agent that answers little by little. */
const MAX_WAIT = 5

/** Into how many slices a wait is divided. */
const SLICES = 20

/** After this many bytes a wait begins again, because an agent that sends a large message is not silent. */
const PROGRESS = 16_384

/**
 * Milliseconds that each chunk may take to be written, because the suite itself may be busy. Only longer times count as waiting for
 * the agent to read.
 */
const WRITE_TIME = 20

/** The most answers that are queued, so that a flood of pings costs no memory. */
const MAX_ANSWERS = 1024

/**
 * Runs one case over one connection, and ends the connection.
 *
 * @param transport The suite's end of it. Nothing must have been read from it or written to it.
 * @returns The result. Never rejects for what the agent does.
 * @throws TypeError for wrong options, or if `transport` is not a transport. Does not check the case: `parseCases` does that.
 * @example
 * for (const one of cases.filter(({ id }) => id.startsWith('server/masking/'))) {
 *   const { verdict, reason } = await runCase(one, connect(8080, 'localhost'))
 *   console.log(one.id, verdict, reason)
 * }
 */
export async function runCase(one: Case, transport: CaseTransport, options: CaseOptions = {}): Promise<CaseResult> {
  requireCaseOptions(options)
  requireTransport(transport, '`transport`')
  const carrier = carrierOf(transport)
  const skipped = findSkipReason(one, carrier, options)
  if (skipped !== undefined) {
    refuse(transport)
    return resultWithout(one, carrier, 'skip', skipped)
  }
  return new Run(one, transport, options).run()
}

/** How to wait. */
interface Waiting {
  /** Counts the items that the wait is for. */
  readonly news?: () => number
  /** Whether to wait for only a quarter of the time-out, after which the case continues. */
  readonly briefly?: boolean
  /** Milliseconds before each item that do not count. */
  readonly free?: number
}

/** The state of one case. */
class Run {
  readonly #case: Case
  readonly #transport: CaseTransport
  readonly #options: CaseOptions
  /** The suite's role. */
  readonly #role: Role
  readonly #wire: Wire
  readonly #timeout: number
  readonly #labels: Map<string, Seen> = new Map()
  /** How long the case has waited for the agent in all, in milliseconds. */
  #waited = 0
  /** How long a wait took that timed out, in milliseconds. The steps after it are left out. */
  #spent: number | undefined
  #values: Values
  /** The fields of the suite's own head. */
  #sent: HeaderPairs = []
  #opened = false
  #freshKey = false
  #headFault: Fault | undefined
  #lacks: string | undefined
  /** Pongs that are queued until the suite's current frame ends. */
  #pongs: Uint8Array[] = []
  #closeAnswer: Uint8Array | undefined
  /** Whether the suite has answered the agent's Close, so that its own side is closed. */
  #answered = false
  /** What the agent had done when the suite ended the transport. */
  #last: Seen | undefined

  constructor(one: Case, transport: CaseTransport, options: CaseOptions) {
    this.#case = one
    this.#transport = transport
    this.#options = options
    this.#role = one.side === 'server' ? 'client' : 'server'
    this.#timeout = options.timeout ?? 2000
    const events = { head: () => this.#readHead(), frame: (frame: ReceivedFrame) => this.#answer(frame) }
    this.#wire = new Wire(this.#role, events, options.codec, options.timers ?? systemTimers)
    const key = drawKey(options.seed ?? 1, one.id)
    this.#values = {
      host: options.host ?? 'localhost',
      path: options.path ?? '/',
      key,
      accept: computeAccept(key),
      subprotocol: options.subprotocol ?? '',
    }
  }

  async run(): Promise<CaseResult> {
    const { signal } = this.#options
    const wire = this.#wire
    const stop = (): void => wire.destroy()
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
    try {
      this.#begin()
      for (const step of this.#case.steps) {
        if ('label' in step && step.label !== undefined) this.#labels.set(step.label, this.#seen())
        if (!this.#isDone) await this.#perform(step)
      }
      await this.#finish()
    } finally {
      signal?.removeEventListener('abort', stop)
      wire.destroy()
    }
    return this.#result(signal?.aborted === true)
  }

  /** Whether the remaining steps are left out. */
  get #isDone(): boolean {
    return (
      this.#wire.incoming.failed ||
      this.#lacks !== undefined ||
      this.#spent !== undefined ||
      this.#options.signal?.aborted === true
    )
  }

  #begin(): void {
    const transport = this.#transport
    if (!('carrier' in transport)) this.#wire.attach(transport)
    if (!('respond' in transport)) return
    const head = readRequestFields(transport.fields)
    const text = fieldsText(transport.fields)
    if (head instanceof ProtocolError)
      this.#wire.incoming.fail(`Its request breaks ${head.reference}: ${head.message}.`)
    else this.#wire.incoming.setHead(head, text)
  }

  // What the agent sends

  #readHead(): void {
    if (this.#role === 'client') this.#readResponse(this.#wire.incoming.head as ResponseHead)
    else this.#readRequest(this.#wire.incoming.head as RequestHead)
  }

  #readResponse({ status, headers }: ResponseHead): void {
    const carrier = carrierOf(this.#transport)
    this.#opened = carrier === 'http/2' ? status >= 200 && status < 300 : status === 101
    const { incoming } = this.#wire
    if (!this.#opened) {
      incoming.ignore()
      return
    }
    this.#headFault = toFault(findResponseError(headers, this.#sent, carrier))
    const deflate = readDeflateAgreement(this.#sent, headers)
    if (deflate === undefined) this.#need('deflate', 'The server does not agree on permessage-deflate.')
    if (getHeaders(headers, field.protocol).length === 0)
      this.#need('subprotocol', 'The server does not agree on the subprotocol.')
    incoming.startFrames(deflate)
  }

  #readRequest(head: RequestHead): void {
    this.#headFault = toFault(findRequestError(head))
    this.#values = valuesOf(head)
    const { keys = new Set() } = this.#options
    const key = getHeader(head.headers, field.key)
    this.#freshKey = key !== undefined && !keys.has(key)
    if (key !== undefined) keys.add(key)
    if (!offersDeflate(head.headers)) this.#need('deflate', 'The client does not offer permessage-deflate.')
    if (!offersSubprotocol(head.headers)) this.#need('subprotocol', 'The client offers no subprotocol.')
  }

  #need(need: 'deflate' | 'subprotocol', lacks: string): void {
    const { needs, outcomes } = this.#case
    if (needs.includes(need) && !outcomes.some(({ when }) => when.fields !== undefined)) this.#lacks = lacks
  }

  #answer({ opcode, payload }: ReceivedFrame): void {
    if (this.#case.passive) return
    const mask = this.#role === 'client' ? ({ maskKey: 'random' } as const) : {}
    if (opcode === PING && this.#pongs.length < MAX_ANSWERS)
      this.#pongs.push(encodeFrame({ opcode: PONG, payload, ...mask }))
    else if (opcode === CLOSE)
      // The code alone. The agent used it itself, so the suite may send it.
      this.#closeAnswer = encodeFrame({ opcode: CLOSE, payload: payload.subarray(0, 2), ...mask })
    else return
    this.#writeAnswers()
  }

  #writeAnswers(): void {
    if (this.#pongs.length === 0 && this.#closeAnswer === undefined) return
    void this.#wire.write(() => {
      const { boundary } = this.#wire
      if (boundary.closeSent) return undefined
      const chunks = boundary.reached ? this.#pongs.splice(0) : []
      // Even inside a frame that the case has begun: the agent may be waiting for this Close and no longer read frames.
      if (this.#closeAnswer !== undefined) {
        chunks.push(this.#closeAnswer)
        boundary.closeSent = true
        this.#answered = true
        this.#closeAnswer = undefined
      }
      return chunks.length === 0 ? undefined : { chunks: [join(chunks)], notes: ['the answer'] }
    })
  }

  // Steps

  async #perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'open':
        return this.#role === 'client' ? this.#request(step) : this.#respond(step)
      case 'send':
        // The answer to the agent's Close was the last frame.
        return this.#answered ? undefined : this.#send({ ...this.#outputOf(step.pieces, step.chunks) })
      case 'await':
        return this.#await(step)
      case 'end':
        return this.#wire.end()
      case 'reset':
        this.#last = this.#seen()
        return this.#wire.reset()
    }
  }

  /**
   * Waits at most for the time-out, and starts again after each step of progress. Waits in slices, none of which counts for more than
   * its length: if the machine is busy, perhaps with the agent itself, the agent loses no time.
   */
  async #until(done: () => boolean, { news = () => 0, briefly = false, free = 0 }: Waiting = {}): Promise<void> {
    const wire = this.#wire
    const { incoming } = wire
    const most = MAX_WAIT * this.#timeout
    const ms = briefly ? this.#timeout / 4 : this.#timeout
    const stops = (): boolean => done() || incoming.failed || this.#options.signal?.aborted === true
    let [left, count, size] = [ms, news(), incoming.size]
    const moved = (): boolean => news() > count || incoming.size >= size + PROGRESS
    while (!stops() && left > 0 && this.#waited < most) {
      const begin = wire.elapsed
      const slice = Math.max(1, Math.min(left, most - this.#waited, this.#timeout / SLICES))
      await wire.wait(() => stops() || moved(), slice)
      const waited = Math.min(slice, wire.elapsed - begin)
      const hasMoved = moved()
      this.#waited += hasMoved ? Math.max(0, waited - free) : waited
      if (hasMoved) [left, count, size] = [ms, news(), incoming.size]
      else left -= waited
    }
    if (stops()) return
    if (this.#waited >= most) this.#spent = Math.round(this.#waited)
    else if (!briefly) this.#spent = ms
  }

  async #send(output: Output): Promise<void> {
    const wire = this.#wire
    let settled = false
    wire
      .write(() => output)
      .then(() => {
        settled = true
        wire.changed()
      })
    await this.#until(() => settled, { news: () => wire.taken, free: WRITE_TIME })
    this.#writeAnswers()
  }

  #outputOf(pieces: readonly Piece[], chunks: Chunks | undefined, head?: Uint8Array): Output {
    const encoded = pieces.map((piece) => encodePiece(piece, this.#role))
    const bytes = encoded.map((piece) => piece.bytes)
    const all = join(head === undefined ? bytes : [head, ...bytes])
    const over = this.#options.chunks !== undefined && all.length <= MAX_CUT ? this.#options.chunks : undefined
    return {
      chunks: chunk(all, over ?? chunks ?? 'whole'),
      notes: encoded.map(({ note }) => note),
      headSize: head?.length ?? 0,
    }
  }

  async #request(step: OpenStep): Promise<void> {
    const transport = this.#transport
    if ('request' in transport) return this.#requestHttp2(transport, step)
    const text = requestText(step, this.#values)
    this.#sent = sentFields(text, 'request')
    const output = this.#outputOf(step.then ?? [], step.chunks, headBytes(text))
    await this.#send({
      ...output,
      notes: [...text.split('\r\n').filter((line) => line !== ''), ...(output.notes ?? [])],
    })
    const wire = this.#wire
    if (step.wait !== false) await this.#until(() => wire.incoming.head !== undefined || wire.over)
  }

  async #requestHttp2(transport: Http2Request, step: OpenStep): Promise<void> {
    const wire = this.#wire
    const fields = requestFields(step, transport.scheme ?? 'http', this.#values)
    this.#sent = fields
    wire.transcript.bytes('suite', headBytes(''))
    for (const [name, value] of fields) wire.transcript.note('suite', () => `${name}: ${value}`)
    let given = false
    transport.request(fields).then(
      ({ fields: answer, stream }) => {
        if (wire.over) {
          stream.destroy()
          return
        }
        wire.attach(stream)
        try {
          wire.incoming.setHead(
            responseFromFields({ httpVersion: '2', fields: [...answer] as [string, string][] }),
            fieldsText(answer),
          )
        } catch (error) {
          wire.incoming.fail(`Its response cannot be read: ${(error as Error).message}.`)
        }
        given = true
        wire.changed()
      },
      () => wire.lost(),
    )
    await this.#until(() => given || wire.over)
    if (step.then !== undefined) await this.#send(this.#outputOf(step.then, step.chunks))
  }

  async #respond(step: OpenStep): Promise<void> {
    const wire = this.#wire
    const { incoming } = wire
    const transport = this.#transport
    await this.#until(() => incoming.head !== undefined || wire.over)
    const head = incoming.head as RequestHead | undefined
    if (head === undefined || this.#isDone) return
    if (incoming.heldSize > 0) {
      const bytes = `${incoming.heldSize} bytes after its request, before the response`
      incoming.fail(`It broke RFC 6455 §4.1: it sent ${bytes}.`)
      return
    }
    if ('carrier' in transport) {
      if ('respond' in transport) this.#respondHttp2(transport, step, head)
      if (step.then !== undefined) await this.#send(this.#outputOf(step.then, step.chunks))
      return
    }
    const text = responseText(step, this.#values)
    this.#sent = sentFields(text, 'response')
    this.#opened = sentStatus(text) === 101
    this.#expectFrames(head)
    const output = this.#outputOf(step.then ?? [], step.chunks, headBytes(text))
    await this.#send({
      ...output,
      notes: [...text.split('\r\n').filter((line) => line !== ''), ...(output.notes ?? [])],
    })
  }

  #respondHttp2(transport: Http2Response, step: OpenStep, head: RequestHead): void {
    const wire = this.#wire
    const fields = responseFields(step, this.#values)
    this.#sent = fields
    this.#opened = /^2\d\d$/.test(fields.find(([name]) => name === ':status')?.[1] ?? '')
    wire.transcript.bytes('suite', headBytes(''))
    for (const [name, value] of fields) wire.transcript.note('suite', () => `${name}: ${value}`)
    this.#expectFrames(head)
    wire.attach(transport.respond(fields))
  }

  #expectFrames({ headers }: RequestHead): void {
    const { incoming } = this.#wire
    if (this.#opened) incoming.startFrames(readDeflateAgreement(headers, this.#sent))
    else incoming.expectNone()
  }

  async #await({ for: kind, count = 1, payload, briefly }: AwaitStep): Promise<void> {
    const wire = this.#wire
    const { incoming } = wire
    const refused = (): boolean => this.#role === 'client' && incoming.head !== undefined && !this.#opened
    const counts = {
      message: () => incoming.messages.length,
      pong: payload === undefined ? () => incoming.pongs.length : countEqual(incoming.pongs, dataBytes(payload)),
      ping: () => incoming.pings,
      close: () => (incoming.close === undefined ? 0 : 1),
      end: () => 0,
    }
    const done = (): boolean =>
      wire.over || counts[kind]() >= count || (kind !== 'end' && (incoming.close !== undefined || refused()))
    await this.#until(done, { news: counts[kind], briefly: briefly === true })
  }

  // The end

  async #finish(): Promise<void> {
    const wire = this.#wire
    const { incoming, boundary } = wire
    const closed = incoming.close !== undefined && !incoming.failed
    const quarter = this.#timeout / 4
    // The answer to its Close may still be queued.
    if (closed && !this.#case.passive) await this.#wire.wait(() => boundary.closeSent || !wire.writable, quarter)
    const looksAtEnd = this.#case.outcomes.some(({ when }) => when.end !== undefined)
    if (closed && this.#role === 'client' && (boundary.closeSent || looksAtEnd))
      await wire.wait(() => wire.over, looksAtEnd ? quarter : this.#timeout / 20)
    this.#last ??= this.#seen()
    if (!closed) return
    wire.end()
    if (this.#role === 'server') await wire.wait(() => wire.over, quarter)
  }

  #seen(): Seen {
    if (this.#last !== undefined) return this.#last
    const { ended, incoming } = this.#wire
    const { head, headText, messages, pongs, close } = incoming
    const isResponse = head !== undefined && 'status' in head
    return {
      status: isResponse ? head.status : undefined,
      line: this.#role === 'server' && headText !== '' ? headText.trimStart().split('\r\n')[0] : undefined,
      fields: head && this.#fieldsOf(head),
      freshKey: this.#freshKey,
      messages: [...messages],
      pongs: [...pongs],
      freshMasks: !incoming.repeatsMask,
      close,
      unfinished: incoming.unfinished,
      end: ended,
    }
  }

  /** Returns the fields of a head, over HTTP/2 with the pseudo-fields. */
  #fieldsOf(head: RequestHead | ResponseHead): HeaderPairs {
    const transport = this.#transport
    return 'fields' in transport ? transport.fields : head.headers
  }

  #result(stopped: boolean): CaseResult {
    const wire = this.#wire
    const { incoming, elapsed } = wire
    const judgement = stopped
      ? { verdict: 'error' as const, reason: STOPPED }
      : incoming.unread
        ? { verdict: 'skip' as const, reason: 'It sent a compressed message, and there is no codec.' }
        : judge(this.#case, {
            last: this.#last ?? this.#seen(),
            labels: this.#labels,
            bytesOf: createDataCache(),
            values: this.#values,
            answered: incoming.head !== undefined,
            opened: this.#opened,
            fault: incoming.fault,
            headFault: this.#headFault,
            lacks: this.#lacks,
            spent: this.#spent,
          })
    return {
      ...resultWithout(this.#case, carrierOf(this.#transport), judgement.verdict, judgement.reason),
      ending: this.#ending(),
      transcript: wire.transcript.list(),
      duration: elapsed,
    }
  }

  #ending(): Ending {
    const { incoming, ended, endedFirst } = this.#wire
    const { close } = incoming
    const by = endedFirst ?? 'suite'
    if (close !== undefined) {
      const { code, reason } = close
      const how = ended === undefined ? 'kept' : 'closed'
      return { how, by, ...(code !== 1005 && { code }), ...(reason !== '' && { reason }) }
    }
    if (!this.#opened) return { how: 'refused', by }
    return { how: ended === undefined ? 'open' : ended === 'fin' ? 'dropped' : 'reset', by }
  }
}

/** Counts the items of a growing list that equal a value, and compares each item once. */
function countEqual(found: readonly Uint8Array[], wanted: Uint8Array): () => number {
  let [looked, count] = [0, 0]
  return () => {
    for (; looked < found.length; looked++) if (isEqual(found[looked] as Uint8Array, wanted)) count++
    return count
  }
}

function toFault(error: ProtocolError | undefined): Fault | undefined {
  return error && { verdict: 'fail', reason: `Its handshake breaks ${error.reference}: ${error.message}.` }
}

/** Returns the key for one case of one run. It is the same for the same seed. */
function drawKey(seed: number, id: string): string {
  let hash = seed
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  const next = xorshift32(hash)
  return generateKey((bytes) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = next()
  })
}
