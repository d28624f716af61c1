/**
 * Nothing a peer sends can make two of our functions disagree: whatever one function returns is passed to every other one that
 * takes such a value. Defines kinds of values and how they travel; the functions are listed in tables of their own.
 *
 * @module
 */

import type { ConnectionClosed, ConnectionEvent } from '../../src/connection/index.ts'
import type { DeflateParams } from '../../src/deflate/index.ts'
import { ProtocolError } from '../../src/errors.ts'
import type { ClosePayload, FrameHeader } from '../../src/frame/index.ts'
import type { Agreement, ExtensionEntry } from '../../src/handshake/index.ts'
import type {
  BasicCredentials,
  ExtendedConnect,
  HeaderList,
  ParsedRequest,
  ParsedResponse,
  RequestHead,
  RequestSource,
  ResponseHead,
  ResponseLike,
  ResponseSource,
  UpgradeProtocol,
} from '../../src/http/index.ts'
import { describe } from './show.ts'

/** The kinds of values that our functions take from each other. Those of the first block come directly from a peer. */
export interface Values {
  'bytes of a request': Uint8Array
  'bytes of a response': Uint8Array
  'bytes of frames': Uint8Array
  'bytes of a Close': Uint8Array
  'error code of a stream': number
  'value of a setting': number

  request: RequestSource
  'parsed request': ParsedRequest
  'request head': RequestHead
  /** A value that could be sent on. */
  'sound request head': RequestHead
  response: ResponseSource
  'parsed response': ParsedResponse
  'response head': ResponseHead
  /** A value of our own, to be sent. */
  answer: ResponseLike
  method: string
  target: string
  /** A target as in the request line for a server. */
  'origin-form': string
  authority: string
  scheme: string
  protocol: string
  status: number
  reason: string
  'header list': HeaderList
  'forwardable headers': HeaderList
  'upgrade protocol': UpgradeProtocol
  'extended CONNECT': ExtendedConnect
  hostname: string
  port: number
  credentials: BasicCredentials
  location: string
  challenge: string
  'retry after': string | number
  error: ProtocolError

  origin: string
  subprotocol: string
  'subprotocol list': readonly string[]
  token: string
  versions: readonly number[]
  'field of extensions': string
  extensions: readonly ExtensionEntry[]
  'deflate params': DeflateParams
  'agreement of a server': Agreement
  'agreement of a client': Agreement

  'frame header': FrameHeader
  'close payload': ClosePayload
  'close event': ConnectionClosed
  event: ConnectionEvent
}
export type Kind = keyof Values
export type Give = <Name extends Kind>(kind: Name, value: Values[Name]) => void

/** One of our functions: what it takes, what it returns, and how it is called. */
export interface Step<Name extends Kind = Kind> {
  readonly name: string
  readonly takes: Name
  readonly gives: readonly Kind[]
  /** Whether it may throw a `ProtocolError` for unreadable peer input. */
  readonly mayRefuse: boolean
  run(value: Values[Name], give: Give): void
}

/** A function that is not given what it seems to take, and the reason. */
export interface Exclusion {
  readonly name: string
  readonly takes: Kind
  readonly reason: string
}

/** A row of a table. With `'refuses'`, a `ProtocolError` is a valid result. */
export function step<Name extends Kind>(
  name: string,
  takes: Name,
  gives: readonly Kind[],
  run: (value: Values[Name], give: Give) => void,
  refuses?: 'refuses',
): Step {
  return { name, takes, gives, mayRefuse: refuses !== undefined, run: run as Step['run'] }
}

/** The number of values of a kind followed in one run, and the depth of calls. */
const MAX_VALUES = 4
const MAX_DEPTH = 4

/** The functions by what they take. */
export class Functions {
  /** Names of those that have been called. */
  readonly called = new Set<string>()
  private readonly byKind = new Map<Kind, Step[]>()

  constructor(readonly steps: readonly Step[]) {
    for (const each of steps) {
      const same = this.byKind.get(each.takes)
      if (same === undefined) this.byKind.set(each.takes, [each])
      else same.push(each)
    }
  }

  /** Passes a value to all functions that take it, and their results to all that take those. Throws a {@link Disagreement}. */
  follow<Name extends Kind>(kind: Name, value: Values[Name], ignored: ReadonlySet<string>): void {
    const waiting: { kind: Kind; value: unknown; path: readonly string[] }[] = [{ kind, value, path: [] }]
    const seen = new Map<Kind, unknown[]>()
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { path } = next
      const before = seen.get(next.kind)
      if (before === undefined) seen.set(next.kind, [next.value])
      else if (before.length === MAX_VALUES || before.includes(next.value)) continue
      else before.push(next.value)
      for (const each of this.byKind.get(next.kind) ?? []) {
        this.called.add(each.name)
        const extended = [...path, each.name]
        const give: Give = (given, value) => {
          if (!each.gives.includes(given)) throw new Error(`the table does not say that ${each.name} gives: ${given}`)
          if (extended.length < MAX_DEPTH) waiting.push({ kind: given, value, path: extended })
        }
        call(each, next.value, give, extended, ignored)
      }
    }
  }
}

function call(each: Step, value: unknown, give: Give, path: readonly string[], ignored: ReadonlySet<string>): void {
  try {
    each.run(value as never, give)
  } catch (error) {
    if (each.mayRefuse && error instanceof ProtocolError) return
    const found = new Disagreement(path, each.takes, value, error)
    if (!ignored.has(found.signature)) throw found
  }
}

/** A function has thrown for a value that another one returned. */
class Disagreement extends Error {
  /** The same for the same error, whatever the value. */
  readonly signature: string

  constructor(path: readonly string[], kind: Kind, value: unknown, cause: unknown) {
    super(`${path.join(' → ')}: ${kind} ${describe(value)}: ${String(cause)}`, { cause })
    const place =
      cause instanceof Error ? (cause.stack ?? '').split('\n').find((line) => line.startsWith('    at ')) : ''
    this.signature = `${path.at(-1)}, ${kind}, ${place?.trim()}`
  }
}
