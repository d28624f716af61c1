/**
 * What IANA and the RFCs have registered, as data.
 *
 * @module
 */

export type { UpgradeToken } from './http.ts'
export { enableConnectProtocol, reasonPhrases, upgradeTokens } from './http.ts'
export type { CloseCodeEntry } from './websocket.ts'
export { CloseCode, closeCodes, Opcode, Rsv } from './websocket.ts'
