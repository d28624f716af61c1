/**
 * What a conformance case is: plain data, the same in JavaScript and in the JSON files that other languages read. `schema.ts` is its
 * JSON Schema, `run.ts` performs its steps, `judge.ts` holds its outcomes against what came.
 *
 * @module
 */

/** The end that a case tests. */
export type Side = 'server' | 'client'

/**
 * How binding the tested rule is. Only a `'must'` can fail; a `'should'` is a warning at most, and `'may'` and `'policy'` (what an
 * endpoint decides for itself: limits, early refusal, who ends TCP) inform.
 */
export type Level = 'must' | 'should' | 'may' | 'policy'

/** What an outcome says of the agent. `'info'`: neither good nor bad. `'skip'`: the case does not apply to it. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'info' | 'skip'

/** What carries the WebSocket. */
export type Carrier = 'http/1.1' | 'http/2'

/**
 * What an agent must be able to do for the case to apply. `'echo'`: it sends each data message back, with the same type. `'deflate'`:
 * it agrees on permessage-deflate where that is offered (a server), or offers it (a client). `'subprotocol'`: it serves, or offers, a
 * subprotocol.
 */
export type Need = 'echo' | 'deflate' | 'subprotocol'

/** The rule behind a case. */
export interface Reference {
  /** For example `'RFC 6455 §5.1'`. */
  readonly section: string
  /** The sentence, word for word. */
  readonly quote: string
}

/**
 * Bytes: a string is its UTF-8; `hex` may have blanks; `repeat` is how many times they follow each other; `random` is so many bytes of
 * a xorshift32 generator seeded with `seed`; a list is joined.
 */
export type Data =
  | string
  | {
      /** Two digits a byte. */
      readonly hex: string
      /** How many times. Default: 1. */
      readonly repeat?: number
    }
  | {
      /** Its UTF-8. */
      readonly text: string
      /** How many times. Default: 1. */
      readonly repeat?: number
    }
  | {
      /** How many bytes. */
      readonly random: number
      /** Of the generator. */
      readonly seed: number
    }
  | readonly Data[]

/** A frame to send, valid or not. */
export interface CaseFrame {
  /** 0–15. */
  readonly opcode: number
  /** Default: true. */
  readonly fin?: boolean
  /** 0–7; RSV1 is 4, RSV3 is 1. Default: 0. */
  readonly rsv?: number
  /** Default: empty. */
  readonly payload?: Data
  /** Four bytes in hexadecimal, or `false`: not masked. Default: a client's frames are masked with `37fa213d`, a server's are not. */
  readonly mask?: string | false
  /** Bytes of the extended length: 0, 2 or 8. Default: the shortest. */
  readonly lengthSize?: 0 | 2 | 8
  /** A false length for the header, below 2^53. A longer one is written as bytes. */
  readonly payloadLength?: number
}

/** Part of what a step sends. */
export type Piece =
  | {
      /** Written as it is, valid or not. */
      readonly frame: CaseFrame
      /** How many times. Default: 1. */
      readonly repeat?: number
    }
  | {
      /** Sent as they are. */
      readonly bytes: Data
    }

/**
 * How bytes are cut into writes: all at once, one by one, in these sizes (the last one repeats), or in sizes of 1 to 8 drawn from a
 * seed.
 */
export type Chunks =
  | 'whole'
  | 'bytes'
  | {
      /** In bytes, each at least 1. */
      readonly sizes: readonly number[]
    }
  | {
      /** Of the generator. */
      readonly seed: number
    }

/**
 * The opening handshake. The suite, as a client, writes a sound request with these changes and reads the head of the response; as a
 * server, it reads the request and writes a sound 101 with these changes, which names the first subprotocol where any are offered.
 *
 * In all strings `{host}`, `{path}`, `{key}`, `{accept}` and `{subprotocol}` stand for the values of this connection. Characters are
 * bytes (latin-1).
 */
export interface OpenStep {
  /** The name of the step. */
  readonly do: 'open'
  /** The start line, in place of `GET {path} HTTP/1.1` or `HTTP/1.1 101 Switching Protocols`. Not over HTTP/2. */
  readonly line?: string
  /** Bytes before the start line, such as an interim response. Not over HTTP/2. */
  readonly before?: string
  /**
   * Changes to the fields, by name: `null` leaves a field out, a list makes a line each, new names are appended in their order. Names
   * compare by case, so that `{ "Host": null, "host": "{host}" }` replaces one. Over HTTP/2 they are in lower case, pseudo-fields too.
   */
  readonly fields?: Readonly<Record<string, string | readonly string[] | null>>
  /** The whole head in place of all that; not over HTTP/2. */
  readonly raw?: string
  /** Sent in the same write after the head. */
  readonly then?: readonly Piece[]
  /** How head and pieces are cut. Default: `'whole'`. */
  readonly chunks?: Chunks
  /** `false`: a client does not wait for the response. Default: true. */
  readonly wait?: boolean
}

/** Sends frames and bytes. */
export interface SendStep {
  /** The name of the step. */
  readonly do: 'send'
  /** What is sent, one after the other. */
  readonly pieces: readonly Piece[]
  /** How all of it is cut. Default: `'whole'`. */
  readonly chunks?: Chunks
  /** A name for the moment before this step, for {@link Conditions.before}. */
  readonly label?: string
}

/**
 * Waits until so many of a kind have come in the whole case (default 1), or until none can come any more. Each that comes gives the
 * agent the whole time-out again. When that is over, the steps that remain are left out. It judges nothing.
 */
export interface AwaitStep {
  /** The name of the step. */
  readonly do: 'await'
  /** What the agent is to send, or the end of its direction of the transport. */
  readonly for: 'message' | 'pong' | 'ping' | 'close' | 'end'
  /** In all, from the beginning of the case. Default: 1. */
  readonly count?: number
  /** Only pongs with this payload count. Default: all. */
  readonly payload?: Data
  /** Waits a quarter of the time-out only, and then goes on: for what an agent may answer early, or not at all. */
  readonly briefly?: boolean
}

/** Ends the suite's direction of the transport (FIN, END_STREAM), or resets it. */
export interface EndStep {
  /** The name of the step. */
  readonly do: 'end' | 'reset'
  /** As in {@link SendStep.label}. */
  readonly label?: string
}

/** One step of a case. */
export type Step = OpenStep | SendStep | AwaitStep | EndStep

/** A data message that is expected. */
export type ExpectedMessage =
  | {
      /** A text message: its UTF-8. */
      readonly text: Data
    }
  | {
      /** A binary message. */
      readonly binary: Data
    }

/** What a field must be; a string: exactly that, `null`: absent. A field of several lines is judged as one list. */
export type FieldCondition =
  | string
  | null
  | {
      /** The field is there. */
      readonly present: true
    }
  | {
      /** The list has this token, in any case of letters. */
      readonly token: string
    }
  | {
      /** An ECMAScript regular expression. */
      readonly pattern: string
    }
  | {
      /** The list has this extension once. */
      readonly extension: string
      /** Parameters that it has. */
      readonly with?: readonly string[]
      /** Parameters that it does not have. */
      readonly without?: readonly string[]
      /** The greatest values of parameters that are numbers. */
      readonly max?: Readonly<Record<string, number>>
    }

/**
 * What must hold for an outcome; whatever is not named is not looked at. In the strings of `fields`, the patterns too, `{host}` and the
 * others stand for the values of the connection, as in an {@link OpenStep}.
 */
export interface Conditions {
  /** The response's status, a class such as `'4xx'`, or `'none'`: no head came. Of a server only. */
  readonly status?: number | string | readonly (number | string)[]
  /** Of the response (of a server) or the request (of a client). Names in lower case. */
  readonly fields?: Readonly<Record<string, FieldCondition>>
  /** The request's start line as an ECMAScript regular expression. Of a client only. */
  readonly line?: string
  /** The client's key has not been seen before in this run. */
  readonly freshKey?: true
  /** All data messages, in order. */
  readonly messages?: readonly ExpectedMessage[]
  /** These pongs came, in this order. Others between them do not count, for nobody has to ask for a pong (RFC 6455 §5.5.3). */
  readonly pongs?: readonly Data[]
  /** The payload of the last pong: an agent may answer only the last of several pings (RFC 6455 §5.5.3). */
  readonly lastPong?: Data
  /** No two frames have the same masking key. Of a client only. */
  readonly freshMasks?: true
  /** The code of the agent's Close; `'empty'`: without one; `'none'`: no Close came; `'any'`: a Close came. */
  readonly close?: number | 'empty' | 'none' | 'any' | readonly (number | 'empty' | 'none')[]
  /** The reason in the agent's Close. */
  readonly reason?: Data
  /**
   * How the agent ended the transport, before the suite did after the last step: `'any'`: in either way. `'none'`: it did not. After
   * a step `end` it can still be seen, after a step `reset` no more.
   */
  readonly end?: 'fin' | 'reset' | 'any' | 'none'
  /** The conditions held already when the step with this label was due. */
  readonly before?: string
}

/** One allowed, or foreseen, way in which a case ends. The first one whose conditions all hold counts. */
export interface Outcome {
  /** What it says of the agent. A `'fail'` weighs as much as the {@link Level} of the case allows. */
  readonly verdict: Verdict
  /** A sentence that says what it means. */
  readonly reason: string
  /** All of them must hold; none: it fits always. */
  readonly when: Conditions
}

/** One conformance case. */
export interface Case {
  /** A slug of three parts that never changes: side, section, name. For example `'server/framing/opcode-3'`. */
  readonly id: string
  /** The version of the package that had it first. */
  readonly since: string
  /** What is done, in a few words. */
  readonly title: string
  /** Why it matters: what goes wrong where an agent fails. */
  readonly why: string
  /** How binding the rule is. */
  readonly level: Level
  /** The rules, the one that is tested first. */
  readonly references: readonly Reference[]
  /** The end that is tested. */
  readonly side: Side
  /** What it can be run over. */
  readonly carriers: readonly Carrier[]
  /** What the agent must be able to do; otherwise the case is skipped. */
  readonly needs: readonly Need[]
  /** The same case in the Autobahn test suite. */
  readonly autobahn?: readonly string[]
  /** The suite answers neither the agent's pings nor its Close by itself, as it otherwise does. */
  readonly passive?: true
  /** What the suite does, in order. */
  readonly steps: readonly Step[]
  /** The ways in which it may end: the first one that fits counts. */
  readonly outcomes: readonly Outcome[]
}

/** A file of cases. */
export interface CaseFile {
  /** The version of the format; a new one can hold what a reader of this one does not know. */
  readonly format: 1
  /** In the order in which they are run. */
  readonly cases: readonly Case[]
}
