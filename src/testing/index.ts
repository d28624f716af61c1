/**
 * Tests of any WebSocket endpoint: a peer that sends any bytes, the conformance suite, pairs of ends in memory, and vectors of valid
 * and invalid input.
 *
 * @module
 */

export type { DuplexLike, Listener } from '../driver/shapes.ts'
export type {
  PipeOptionsLike,
  ReadableStreamLike,
  ReaderLike,
  ReadResultLike,
  WritableStreamLike,
  WriterLike,
} from '../platform/streams.ts'
export type { Timers } from '../platform/timers.ts'
export type { Bytes, Role } from '../types.ts'
export type {
  AwaitStep,
  Carrier,
  Case,
  CaseFile,
  CaseFrame,
  Chunks,
  Conditions,
  Data,
  EndStep,
  ExpectedMessage,
  FieldCondition,
  Level,
  Need,
  OpenStep,
  Outcome,
  Piece,
  Reference,
  SendStep,
  Side,
  Step,
  Verdict,
} from './case.ts'
export type {
  CaseOptions,
  CaseTransport,
  Fields,
  Http2Opened,
  Http2Request,
  Http2Response,
} from './case-options.ts'
export { chunk, everySplit } from './chunks.ts'
export type { ReceivedFrame } from './incoming.ts'
export { type MemoryDuplex, type MemoryStreams, memoryPair, type PairOptions, streamPair } from './memory-pair.ts'
export type { PairFaults } from './memory-pipe.ts'
export {
  type AcceptPeerOptions,
  acceptPeer,
  type OpenPeerOptions,
  openPeer,
  type PeerOptions,
} from './open-peer.ts'
export { parseCases } from './parse-cases.ts'
export { type TestMessage, TestPeer, type WaitOptions } from './peer.ts'
export type { CaseResult, Ending, Report, TranscriptEntry } from './result.ts'
export { runCase } from './run.ts'
export { type RunOptions, runCases } from './run-cases.ts'
export { caseFileSchema, type JsonSchema } from './schema.ts'
export { type ScriptedServer, scriptedServer } from './scripted-server.ts'
export {
  type FaultyFrames,
  faultyFrames,
  type HeaderPrefix,
  headerPrefixes,
  unfinishedErrors,
} from './vectors/faulty-frames.ts'
export { type FaultyRequest, faultyRequests } from './vectors/faulty-requests.ts'
export { type FaultyResponse, faultyResponses } from './vectors/faulty-responses.ts'
export { type GoodFrames, goodFrames, type ReceivedVector } from './vectors/good-frames.ts'
export { type GoodRequest, goodRequests } from './vectors/good-requests.ts'
export { type GoodResponse, goodResponses } from './vectors/good-responses.ts'
export { type HostLiteral, hostLiterals } from './vectors/host-literals.ts'
export type { TransportEnd } from './wire.ts'
