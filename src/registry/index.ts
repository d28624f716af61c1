/**
 * What IANA and the RFCs have registered, as data.
 *
 * @module
 */

export { reasonPhrases } from './http.ts'
export type { CloseCodeEntry } from './websocket.ts'
export { CloseCode, closeCodes, Opcode, Rsv } from './websocket.ts'
