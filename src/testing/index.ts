/**
 * Test vectors as data, for the tests of any WebSocket endpoint: what a peer must not send, with the required answer, and what
 * every peer must accept.
 *
 * @module
 */

export type { Bytes, Role } from '../types.ts'
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
