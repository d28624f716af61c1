/**
 * The types of a conformance case: plain data, the same in JavaScript and in the JSON files that other languages read. `schema.ts` is
 * its JSON Schema, `run.ts` performs its steps, and `judge.ts` compares its outcomes with the connection.
 *
 * @module
 */

/** The side that a case tests. */
export type Side = 'server' | 'client'

/**
 * How binding the tested rule is. Only a `'must'` can fail, and a `'should'` is at most a warning. `'may'` and `'policy'` only inform.
 * A policy is what an endpoint decides itself: limits, early refusal, which side ends TCP.
 */
export type Level = 'must' | 'should' | 'may' | 'policy'

/** The verdict of an outcome. `'info'`: neither good nor bad. `'skip'`: the case does not apply to the agent. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'info' | 'skip'

/** The version of HTTP that carries the WebSocket. */
export type Carrier = 'http/1.1' | 'http/2'

/**
 * What an agent must be able to do for the case to apply. `'echo'`: it sends each data message back with the same type. `'deflate'`:
 * it accepts an offer of permessage-deflate (a server), or offers it (a client). `'subprotocol'`: it accepts (a server) or offers (a
 * client) a subprotocol.
 */
export type Need = 'echo' | 'deflate' | 'subprotocol'

/** The rule that a case tests. */
export interface Reference {
  /** For example `'RFC 6455 §5.1'`. */
  readonly section: string
  /** The sentence, word for word. */
  readonly quote: string
}

/**
 * Bytes. A string stands for its UTF-8. `hex` may contain blanks. `repeat` is the number of repetitions. `random` is the number of bytes
 * from an xorshift32 generator that starts at `seed`. The items of a list are joined.
 */
export type Data =
  | string
  | {
      /** Two digits for each byte. */
      readonly hex: string
      /** How many times. Default: 1. */
      readonly repeat?: number
    }
  | {
      /** A string, which stands for its UTF-8. */
      readonly text: string
      /** How many times. Default: 1. */
      readonly repeat?: number
    }
  | {
      /** How many bytes. */
      readonly random: number
      /** The generator's seed. */
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
  /** Four bytes in hexadecimal, or `false` for no mask. Default: `37fa213d` in a client's frames, no mask in a server's. */
  readonly mask?: string | false
  /** The size of the extended length in bytes: 0, 2 or 8. Default: the shortest. */
  readonly lengthSize?: 0 | 2 | 8
  /** A false length for the header, below 2^53. Write a greater length as bytes. */
  readonly payloadLength?: number
}

/** Part of what a step sends. */
export type Piece =
  | {
      /** A frame, valid or not. */
      readonly frame: CaseFrame
      /** How many times. Default: 1. */
      readonly repeat?: number
    }
  | {
      /** Bytes, sent unchanged. */
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
 * The opening handshake. As a client, the suite writes a valid request with these changes and reads the head of the response. As a
 * server, it reads the request and writes a valid 101 with these changes, which selects the first subprotocol if any is offered.
 *
 * In all strings `{host}`, `{path}`, `{key}`, `{accept}` and `{subprotocol}` stand for the values of this connection. Each character is
 * a byte (latin-1).
 */
export interface OpenStep {
  /** The name of the step. */
  readonly do: 'open'
  /** The start line. Default: `GET {path} HTTP/1.1` or `HTTP/1.1 101 Switching Protocols`. Not over HTTP/2. */
  readonly line?: string
  /** Bytes before the start line, such as an interim response. Not over HTTP/2. */
  readonly before?: string
  /**
   * Changes to the fields, by name: `null` removes a field, a list gives one line per value, new names are appended in their order.
   * Names are compared with their case, so `{ "Host": null, "host": "{host}" }` replaces a name. Over HTTP/2 all names are in lower case,
   * including those of pseudo-fields.
   */
  readonly fields?: Readonly<Record<string, string | readonly string[] | null>>
  /** The whole head, instead of the properties above. Not over HTTP/2. */
  readonly raw?: string
  /** Sent in the same write, after the head. */
  readonly then?: readonly Piece[]
  /** How the head and the pieces are cut. Default: `'whole'`. */
  readonly chunks?: Chunks
  /** With `false`, a client does not wait for the response. Default: true. */
  readonly wait?: boolean
}

/** Sends frames and bytes. */
export interface SendStep {
  /** The name of the step. */
  readonly do: 'send'
  /** What to send, in order. */
  readonly pieces: readonly Piece[]
  /** How the whole output of the step is cut. Default: `'whole'`. */
  readonly chunks?: Chunks
  /** A name for the moment before this step, for {@link Conditions.before}. */
  readonly label?: string
}

/**
 * Waits until so many of a kind have arrived since the start of the case, or until no more can arrive. Each arrival restarts the
 * time-out. If the wait times out, the remaining steps are left out. A time-out alone decides nothing.
 */
export interface AwaitStep {
  /** The name of the step. */
  readonly do: 'await'
  /** What the agent must send, or the end of its direction of the transport. */
  readonly for: 'message' | 'pong' | 'ping' | 'close' | 'end'
  /** How many since the start of the case. Default: 1. */
  readonly count?: number
  /** Only pongs with this payload count. Default: all. */
  readonly payload?: Data
  /** Waits for only a quarter of the time-out, then continues: for an answer that may come early or not at all. */
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

/** An expected data message. */
export type ExpectedMessage =
  | {
      /** The UTF-8 of a text message. */
      readonly text: Data
    }
  | {
      /** The payload of a binary message. */
      readonly binary: Data
    }

/** The required value of a field. A string: exactly this value. `null`: the field is absent. Several lines count as one list. */
export type FieldCondition =
  | string
  | null
  | {
      /** The field is present. */
      readonly present: true
    }
  | {
      /** The list has this token, compared without case. */
      readonly token: string
    }
  | {
      /** An ECMAScript regular expression. */
      readonly pattern: string
    }
  | {
      /** An element of the list has this extension. */
      readonly extension: string
      /** Parameters that the extension has. */
      readonly with?: readonly string[]
      /** Parameters that the extension does not have. */
      readonly without?: readonly string[]
      /** The greatest values of numeric parameters. */
      readonly max?: Readonly<Record<string, number>>
    }

/**
 * The conditions of an outcome. Anything that is not named is ignored. In the strings and patterns of `fields`, `{host}` and the others
 * stand for the values of the connection, as in an {@link OpenStep}.
 */
export interface Conditions {
  /** The response's status, a class such as `'4xx'`, or `'none'` if no head arrived. For a server only. */
  readonly status?: number | string | readonly (number | string)[]
  /** The fields of the response (for a server) or of the request (for a client). Names are in lower case. */
  readonly fields?: Readonly<Record<string, FieldCondition>>
  /** The request's start line, as an ECMAScript regular expression. For a client only. */
  readonly line?: string
  /** No earlier request in this run had the client's key. For a client only. */
  readonly freshKey?: true
  /** All data messages, in order. */
  readonly messages?: readonly ExpectedMessage[]
  /** These pongs arrived, in this order. Other pongs do not count, because pongs may be unsolicited (RFC 6455 §5.5.3). */
  readonly pongs?: readonly Data[]
  /** The payload of the last pong: an agent may answer only the last of several pings (RFC 6455 §5.5.3). */
  readonly lastPong?: Data
  /** No two frames have the same masking key. For a client only. */
  readonly freshMasks?: true
  /** The code of the agent's Close. `'empty'`: a Close without a code. `'none'`: no Close arrived. `'any'`: a Close arrived. */
  readonly close?: number | 'empty' | 'none' | 'any' | readonly (number | 'empty' | 'none')[]
  /** The reason of the agent's Close. */
  readonly reason?: Data
  /**
   * How the agent ended the transport, before the suite ended it after the last step. `'any'`: in either way. `'none'`: it did not.
   * It can still be seen after a step `end`, but not after a step `reset`.
   */
  readonly end?: 'fin' | 'reset' | 'any' | 'none'
  /** The conditions already held when the step with this label began. */
  readonly before?: string
}

/** One way in which a case can end. The first outcome whose conditions all hold counts. */
export interface Outcome {
  /** The verdict on the agent. The {@link Level} of the case caps it. */
  readonly verdict: Verdict
  /** A sentence that explains the outcome. */
  readonly reason: string
  /** All of these must hold. Without conditions the outcome always fits. */
  readonly when: Conditions
}

/** One conformance case. */
export interface Case {
  /** A slug of three parts that never changes: side, section, name. For example `'server/framing/opcode-3'`. */
  readonly id: string
  /** The first version of the package that had the case. */
  readonly since: string
  /** What the case does, in a few words. */
  readonly title: string
  /** Why it matters: what goes wrong if an agent fails. */
  readonly why: string
  /** How binding the rule is. */
  readonly level: Level
  /** The rules. The tested rule comes first. */
  readonly references: readonly Reference[]
  /** The side under test. */
  readonly side: Side
  /** The versions of HTTP that the case runs over. */
  readonly carriers: readonly Carrier[]
  /** What the agent must be able to do. Otherwise the case is skipped. */
  readonly needs: readonly Need[]
  /** The same case in the Autobahn test suite. */
  readonly autobahn?: readonly string[]
  /** With true, the suite does not answer the agent's pings and its Close automatically. */
  readonly passive?: true
  /** The suite's steps, in order. */
  readonly steps: readonly Step[]
  /** The ways in which the case can end. The first one that fits counts. */
  readonly outcomes: readonly Outcome[]
}

/** A file of cases. */
export interface CaseFile {
  /** The version of the format. A later version can contain what a reader of this one does not know. */
  readonly format: 1
  /** In the order in which they are run. */
  readonly cases: readonly Case[]
}
