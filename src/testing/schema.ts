/**
 * The JSON Schema of a file of cases (draft 2020-12), for readers in every language; the build writes it as `dist/testing/schema.json`.
 * `case.ts` has the same as TypeScript types, and `parse-cases.ts` reads by it.
 *
 * @module
 */

import type {
  AwaitStep,
  Case,
  CaseFile,
  CaseFrame,
  Conditions,
  EndStep,
  OpenStep,
  Outcome,
  Reference,
  SendStep,
} from './case.ts'

/** The part of JSON Schema that is used here. */
export interface JsonSchema {
  /** The dialect. */
  readonly $schema?: string
  /** Its address. */
  readonly $id?: string
  /** Schemas by name, for `$ref`. */
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  /** The place of the schema that holds instead. */
  readonly $ref?: string
  /** A name for people. */
  readonly title?: string
  /** What it is for. */
  readonly description?: string
  /** What a value is. */
  readonly type?: 'object' | 'array' | 'string' | 'integer'
  /** The only value. */
  readonly const?: unknown
  /** The only values. */
  readonly enum?: readonly unknown[]
  /** One of them holds at least. */
  readonly anyOf?: readonly JsonSchema[]
  /** Of an object: what holds for these members. */
  readonly properties?: Readonly<Record<string, JsonSchema>>
  /** Of an object: members that must be there. */
  readonly required?: readonly string[]
  /** Of an object: what holds for other members; `false`: there are none. */
  readonly additionalProperties?: false | JsonSchema
  /** Of an object: what holds for the names of its members. */
  readonly propertyNames?: JsonSchema
  /** Of a list: what holds for each item. */
  readonly items?: JsonSchema
  /** Of a list: its least length. */
  readonly minItems?: number
  /** Of a string: an ECMAScript regular expression. */
  readonly pattern?: string
  /** Of a string: its least length in characters. */
  readonly minLength?: number
  /** Of a number: the least. */
  readonly minimum?: number
  /** Of a number: the greatest. */
  readonly maximum?: number
}

/** The most bytes, or times, that a case can ask for by one number: 64 MiB. */
const MOST = 67_108_864

const string: JsonSchema = { type: 'string' }
const sentence: JsonSchema = { type: 'string', minLength: 1 }
const bytes: JsonSchema = { $ref: '#/$defs/data' }
const chunks: JsonSchema = { $ref: '#/$defs/chunks' }
const pieces: JsonSchema = { type: 'array', items: { $ref: '#/$defs/piece' }, minItems: 1 }
const verdicts: JsonSchema = { enum: ['pass', 'warn', 'fail', 'info', 'skip'] }
const strings: JsonSchema = { type: 'array', items: string }

const repeat: JsonSchema = {
  type: 'integer',
  minimum: 0,
  maximum: MOST,
  description: 'How many times they follow each other.',
}

const label: JsonSchema = { type: 'string', minLength: 1, description: 'A name for the moment before this step.' }

function object(
  required: readonly string[],
  properties: Readonly<Record<string, JsonSchema>>,
  description?: string,
): JsonSchema {
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties,
    required,
    additionalProperties: false,
  }
}

function list(items: JsonSchema, minItems = 0): JsonSchema {
  return { type: 'array', items, minItems }
}

function whole(minimum: number, maximum: number): JsonSchema {
  return { type: 'integer', minimum, maximum }
}

function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description }
}

/** The properties of a type: the compiler holds that none is missing. */
type Properties<Type> = { readonly [Name in keyof Type]-?: JsonSchema }

const referenceProperties: Properties<Reference> = {
  section: described(sentence, 'For example "RFC 6455 §5.1".'),
  quote: described(sentence, 'The sentence, word for word.'),
}

const frameProperties: Properties<CaseFrame> = {
  opcode: whole(0, 15),
  fin: described({ enum: [true, false] }, 'Default: true.'),
  rsv: described(whole(0, 7), 'RSV1 is 4, RSV3 is 1. Default: 0.'),
  payload: described(bytes, 'Default: empty.'),
  mask: {
    anyOf: [{ type: 'string', pattern: '^[0-9a-fA-F]{8}$' }, { const: false }],
    description:
      "Not masked, or with this key. Default: a client's frames are masked with 37fa213d, a server's are not.",
  },
  lengthSize: described({ enum: [0, 2, 8] }, 'Bytes of the extended length. Default: the shortest.'),
  payloadLength: described(
    whole(0, Number.MAX_SAFE_INTEGER),
    'A false length for the header. A longer one is written as bytes.',
  ),
}

const openProperties: Properties<OpenStep> = {
  do: { const: 'open' },
  line: described(string, 'The start line, in place of "GET {path} HTTP/1.1" or "HTTP/1.1 101 Switching Protocols".'),
  before: described(string, 'Bytes before the start line.'),
  fields: {
    type: 'object',
    additionalProperties: { anyOf: [string, strings, { const: null }] },
    description:
      'Changes to the fields, by name: null leaves one out, a list makes a line each, new names are appended.',
  },
  raw: described(string, 'The whole head in place of all that.'),
  // biome-ignore lint/suspicious/noThenProperty: a step is data, which nobody awaits.
  then: described(pieces, 'Sent in the same write after the head.'),
  chunks,
  wait: described({ const: false }, 'A client does not wait for the response.'),
}

const sendProperties: Properties<SendStep> = { do: { const: 'send' }, pieces, chunks, label }

const awaitProperties: Properties<AwaitStep> = {
  do: { const: 'await' },
  for: { enum: ['message', 'pong', 'ping', 'close', 'end'] },
  count: described(whole(1, MOST), 'How many in the whole case. Default: 1.'),
  payload: described(bytes, 'Only pongs with this payload count.'),
  briefly: described(
    { enum: [true, false] },
    'Waits a quarter of the time-out only, and then goes on: for what an agent may answer early, or not at all.',
  ),
}

const endProperties: Properties<EndStep> = { do: { enum: ['end', 'reset'] }, label }

const status: JsonSchema = {
  anyOf: [whole(100, 999), { type: 'string', pattern: '^([1-5]xx|none)$' }],
}

const closeCode: JsonSchema = { anyOf: [whole(0, 65_535), { enum: ['empty', 'none'] }] }

const conditionProperties: Properties<Conditions> = {
  status: {
    anyOf: [...(status.anyOf ?? []), list(status, 1)],
    description: 'The status of the response, a class such as "4xx", or "none": no head came. Of a server only.',
  },
  fields: {
    type: 'object',
    propertyNames: { type: 'string', pattern: '^[^A-Z]+$' },
    additionalProperties: { $ref: '#/$defs/fieldCondition' },
    description: 'Of the response (of a server) or the request (of a client). Names in lower case.',
  },
  line: described(string, "The request's start line as an ECMAScript regular expression. Of a client only."),
  freshKey: described({ const: true }, "The client's key has not been seen before in this run. Of a client only."),
  messages: described(list({ $ref: '#/$defs/message' }), 'All data messages, in order.'),
  pongs: described(list(bytes, 1), 'Pongs with these payloads came, in this order; others between them do not count.'),
  lastPong: described(bytes, 'The payload of the last pong.'),
  freshMasks: described({ const: true }, 'No two frames have the same masking key. Of a client only.'),
  close: {
    anyOf: [whole(0, 65_535), { enum: ['empty', 'none', 'any'] }, list(closeCode, 1)],
    description: 'The code of its Close; "empty": without one; "none": no Close came; "any": a Close came.',
  },
  reason: described(bytes, 'The reason in its Close.'),
  end: described(
    { enum: ['fin', 'reset', 'any', 'none'] },
    'How it ended the transport, before the suite did; "any": in either way; "none": it did not.',
  ),
  before: described(sentence, 'The conditions held already when the step with this label was due.'),
}

const outcomeProperties: Properties<Outcome> = {
  verdict: verdicts,
  reason: described(sentence, 'A sentence that says what it means.'),
  when: object([], conditionProperties, 'What must hold; what is not named is not looked at.'),
}

const caseProperties: Properties<Case> = {
  id: {
    type: 'string',
    pattern: '^(server|client)/[a-z0-9]+([-.][a-z0-9]+)*/[a-z0-9]+([-.][a-z0-9]+)*$',
    description: 'A slug of three parts that never changes: side, section, name.',
  },
  since: described(sentence, 'The version of the package that had it first.'),
  title: described(sentence, 'What is done, in a few words.'),
  why: described(sentence, 'What goes wrong where an agent fails.'),
  level: described(
    { enum: ['must', 'should', 'may', 'policy'] },
    'How binding the rule is: only a "must" can fail, a "should" is a warning at most, the others inform.',
  ),
  references: list(object(['section', 'quote'], referenceProperties)),
  side: described({ enum: ['server', 'client'] }, 'The end under test.'),
  carriers: list({ enum: ['http/1.1', 'http/2'] }, 1),
  needs: described(
    list({ enum: ['echo', 'deflate', 'subprotocol'] }),
    'What the end under test must be able to do for the case to apply.',
  ),
  autobahn: described(strings, 'The same case in the Autobahn test suite.'),
  passive: described({ const: true }, 'The suite answers neither pings nor the Close by itself, as it otherwise does.'),
  steps: described(list({ $ref: '#/$defs/step' }, 1), 'What the suite does, in order.'),
  outcomes: described(
    list(object(['verdict', 'reason', 'when'], outcomeProperties), 1),
    'The first one whose conditions all hold counts.',
  ),
}

const fileProperties: Properties<CaseFile> = {
  format: described({ const: 1 }, 'The version of this format.'),
  cases: list({ $ref: '#/$defs/case' }),
}

/**
 * The JSON Schema (draft 2020-12) of a file of cases, the same as `websocket-primitives/testing/schema.json`. `parseCases` checks what
 * it cannot say, too.
 *
 * @example
 * caseFileSchema.required // ['format', 'cases']
 */
export const caseFileSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:websocket-primitives:cases:1',
  title: 'Conformance cases for WebSocket servers and clients',
  ...object(['format', 'cases'], fileProperties),
  $defs: {
    data: {
      description:
        'Bytes: a string is its UTF-8; "hex" may have blanks; "random" is so many bytes of an xorshift32 generator (shifts 13, 17, 5) that starts at "seed", the low eight bits of each number; a list is joined.',
      anyOf: [
        string,
        object(['hex'], { hex: { type: 'string', pattern: '^ *([0-9a-fA-F] *[0-9a-fA-F] *)*$' }, repeat }),
        object(['text'], { text: string, repeat }),
        object(['random', 'seed'], { random: whole(0, MOST), seed: whole(0, 2 ** 32 - 1) }),
        list({ $ref: '#/$defs/data' }),
      ],
    },
    chunks: {
      description:
        'How bytes are cut into writes: all at once, one by one, in these sizes (the last one repeats), or in sizes of 1 to 8: 1 and the low three bits of each number of an xorshift32 generator.',
      anyOf: [
        { enum: ['whole', 'bytes'] },
        object(['sizes'], { sizes: list(whole(1, MOST), 1) }),
        object(['seed'], { seed: whole(0, 2 ** 32 - 1) }),
      ],
    },
    frame: object(['opcode'], frameProperties, 'A frame to send, valid or not.'),
    piece: {
      anyOf: [object(['frame'], { frame: { $ref: '#/$defs/frame' }, repeat }), object(['bytes'], { bytes })],
    },
    step: {
      anyOf: [
        object(['do'], openProperties, 'The opening handshake.'),
        object(['do', 'pieces'], sendProperties, 'Sends frames and bytes.'),
        object(['do', 'for'], awaitProperties, 'Waits until so many of a kind have come, or until none can come.'),
        object(['do'], endProperties, "Ends the suite's direction of the transport, or resets it."),
      ],
    },
    message: { anyOf: [object(['text'], { text: bytes }), object(['binary'], { binary: bytes })] },
    fieldCondition: {
      description: 'A string: exactly that; null: absent. A field of several lines is judged as one list.',
      anyOf: [
        string,
        { const: null },
        object(['present'], { present: { const: true } }),
        object(['token'], { token: sentence }, 'The list has this token, in any case of letters.'),
        object(['pattern'], { pattern: string }, 'An ECMAScript regular expression.'),
        object(
          ['extension'],
          {
            extension: sentence,
            with: strings,
            without: strings,
            max: { type: 'object', additionalProperties: whole(0, MOST) },
          },
          'One extension is in the list, with and without these parameters, and numbers within these bounds.',
        ),
      ],
    },
    case: object(
      Object.keys(caseProperties).filter((name) => name !== 'autobahn' && name !== 'passive'),
      caseProperties,
    ),
  },
}
