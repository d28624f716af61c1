/**
 * The JSON Schema of a file of cases (draft 2020-12), for readers in every language. The build writes it as
 * `dist/testing/schema.json`. `case.ts` has the same as TypeScript types, and `parse-cases.ts` checks files against it.
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
  /** The dialect of JSON Schema. */
  readonly $schema?: string
  /** The schema's address. */
  readonly $id?: string
  /** Schemas by name, for `$ref`. */
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  /** The place of another schema that applies instead. */
  readonly $ref?: string
  /** A title for readers. */
  readonly title?: string
  /** A description for readers. */
  readonly description?: string
  /** The type of a value. */
  readonly type?: 'object' | 'array' | 'string' | 'integer'
  /** The only allowed value. */
  readonly const?: unknown
  /** The allowed values. */
  readonly enum?: readonly unknown[]
  /** At least one of these applies. */
  readonly anyOf?: readonly JsonSchema[]
  /** For an object: the schemas of its properties. */
  readonly properties?: Readonly<Record<string, JsonSchema>>
  /** For an object: the required properties. */
  readonly required?: readonly string[]
  /** For an object: the schema of other properties. `false` allows none. */
  readonly additionalProperties?: false | JsonSchema
  /** For an object: the schema of its property names. */
  readonly propertyNames?: JsonSchema
  /** For a list: the schema of each item. */
  readonly items?: JsonSchema
  /** For a list: its least length. */
  readonly minItems?: number
  /** For a string: an ECMAScript regular expression. */
  readonly pattern?: string
  /** For a string: its least length in characters. */
  readonly minLength?: number
  /** For a number: the least value. */
  readonly minimum?: number
  /** For a number: the greatest value. */
  readonly maximum?: number
}

/** The greatest number of bytes or repetitions in a case: 64 MiB. */
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
  description: 'How many times to repeat the bytes.',
}

const label: JsonSchema = { type: 'string', minLength: 1, description: 'Names the moment before this step.' }

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

/** The properties of a type. The compiler checks that none is missing. */
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
      "The masking key, or false for an unmasked frame. Default: a client's frames are masked with 37fa213d, a server's are not masked.",
  },
  lengthSize: described({ enum: [0, 2, 8] }, 'The size of the extended length in bytes. Default: the shortest.'),
  payloadLength: described(
    whole(0, Number.MAX_SAFE_INTEGER),
    'A false length for the header. Write a greater length as bytes.',
  ),
}

const openProperties: Properties<OpenStep> = {
  do: { const: 'open' },
  line: described(string, 'The start line. Default: "GET {path} HTTP/1.1" or "HTTP/1.1 101 Switching Protocols".'),
  before: described(string, 'Bytes before the start line.'),
  fields: {
    type: 'object',
    additionalProperties: { anyOf: [string, strings, { const: null }] },
    description:
      'Changes to the fields, by name: null removes a field, a list gives one line per value, new names are appended.',
  },
  raw: described(string, 'The whole head, instead of the properties above.'),
  // biome-ignore lint/suspicious/noThenProperty: a step is data, which no code awaits.
  then: described(pieces, 'Sent in the same write, after the head.'),
  chunks,
  wait: described({ const: false }, 'false: a client does not wait for the response.'),
}

const sendProperties: Properties<SendStep> = { do: { const: 'send' }, pieces, chunks, label }

const awaitProperties: Properties<AwaitStep> = {
  do: { const: 'await' },
  for: { enum: ['message', 'pong', 'ping', 'close', 'end'] },
  count: described(whole(1, MOST), 'How many since the start of the case. Default: 1.'),
  payload: described(bytes, 'Only pongs with this payload count.'),
  briefly: described(
    { enum: [true, false] },
    'Waits for only a quarter of the time-out, then continues: for an answer that may come early or not at all.',
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
    description: 'The status of the response, a class such as "4xx", or "none" if no head arrived. For a server only.',
  },
  fields: {
    type: 'object',
    propertyNames: { type: 'string', pattern: '^[^A-Z]+$' },
    additionalProperties: { $ref: '#/$defs/fieldCondition' },
    description: 'The fields of the response (for a server) or of the request (for a client). Names are in lower case.',
  },
  line: described(string, "The request's start line, as an ECMAScript regular expression. For a client only."),
  freshKey: described({ const: true }, "No earlier request in this run had the client's key. For a client only."),
  messages: described(list({ $ref: '#/$defs/message' }), 'All data messages, in order.'),
  pongs: described(list(bytes, 1), 'Pongs with these payloads arrived, in this order. Other pongs do not count.'),
  lastPong: described(bytes, 'The payload of the last pong.'),
  freshMasks: described({ const: true }, 'No two frames have the same masking key. For a client only.'),
  close: {
    anyOf: [whole(0, 65_535), { enum: ['empty', 'none', 'any'] }, list(closeCode, 1)],
    description:
      'The code of its Close. "empty": a Close without a code. "none": no Close arrived. "any": a Close arrived.',
  },
  reason: described(bytes, 'The reason of its Close.'),
  end: described(
    { enum: ['fin', 'reset', 'any', 'none'] },
    'How it ended the transport before the suite did. "any": in either way. "none": it did not.',
  ),
  before: described(sentence, 'The conditions already held when the step with this label began.'),
}

const outcomeProperties: Properties<Outcome> = {
  verdict: verdicts,
  reason: described(sentence, 'A sentence that explains the outcome.'),
  when: object([], conditionProperties, 'The conditions. Anything that is not named is ignored.'),
}

const caseProperties: Properties<Case> = {
  id: {
    type: 'string',
    pattern: '^(server|client)/[a-z0-9]+([-.][a-z0-9]+)*/[a-z0-9]+([-.][a-z0-9]+)*$',
    description: 'A slug of three parts that never changes: side, section, name.',
  },
  since: described(sentence, 'The first version of the package that had the case.'),
  title: described(sentence, 'What the case does, in a few words.'),
  why: described(sentence, 'What goes wrong if an agent fails.'),
  level: described(
    { enum: ['must', 'should', 'may', 'policy'] },
    'How binding the rule is: only a "must" can fail, a "should" is at most a warning, the others only inform.',
  ),
  references: list(object(['section', 'quote'], referenceProperties)),
  side: described({ enum: ['server', 'client'] }, 'The side under test.'),
  carriers: list({ enum: ['http/1.1', 'http/2'] }, 1),
  needs: described(
    list({ enum: ['echo', 'deflate', 'subprotocol'] }),
    'What the agent must be able to do for the case to apply.',
  ),
  autobahn: described(strings, 'The same case in the Autobahn test suite.'),
  passive: described({ const: true }, 'true: the suite does not answer pings and the Close automatically.'),
  steps: described(list({ $ref: '#/$defs/step' }, 1), 'What the suite does, in order.'),
  outcomes: described(
    list(object(['verdict', 'reason', 'when'], outcomeProperties), 1),
    'The first outcome whose conditions all hold counts.',
  ),
}

const fileProperties: Properties<CaseFile> = {
  format: described({ const: 1 }, 'The version of this format.'),
  cases: list({ $ref: '#/$defs/case' }),
}

/**
 * The JSON Schema (draft 2020-12) of a file of cases, the same as `websocket-primitives/testing/schema.json`. `parseCases` also checks
 * what a schema cannot express.
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
        'Bytes. A string stands for its UTF-8. "hex" may contain blanks. "random" is the number of bytes from an xorshift32 generator (shifts 13, 17, 5) that starts at "seed": the low eight bits of each number. The items of a list are joined.',
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
        'How bytes are cut into writes: all at once, one by one, in these sizes (the last one repeats), or in sizes of 1 to 8: one more than the low three bits of each number of an xorshift32 generator.',
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
        object(
          ['do', 'for'],
          awaitProperties,
          'Waits until so many of a kind have arrived, or until no more can arrive.',
        ),
        object(['do'], endProperties, "Ends the suite's direction of the transport, or resets it."),
      ],
    },
    message: { anyOf: [object(['text'], { text: bytes }), object(['binary'], { binary: bytes })] },
    fieldCondition: {
      description:
        'A string: exactly this value. null: the field is absent. Several lines of a field count as one list.',
      anyOf: [
        string,
        { const: null },
        object(['present'], { present: { const: true } }),
        object(['token'], { token: sentence }, 'The list has this token, compared without case.'),
        object(['pattern'], { pattern: string }, 'An ECMAScript regular expression.'),
        object(
          ['extension'],
          {
            extension: sentence,
            with: strings,
            without: strings,
            max: { type: 'object', additionalProperties: whole(0, MOST) },
          },
          'An element of the list has this extension, with and without these parameters, and with numbers within these bounds.',
        ),
      ],
    },
    case: object(
      Object.keys(caseProperties).filter((name) => name !== 'autobahn' && name !== 'passive'),
      caseProperties,
    ),
  },
}
