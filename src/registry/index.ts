/**
 * Names and numbers registered by IANA and the RFCs, as data.
 *
 * @module
 */

export type { UpgradeToken } from './http.ts'
export { enableConnectProtocol, reasonPhrases, upgradeTokens } from './http.ts'
export type { HttpErrorCode } from './http-errors.ts'
export { http2ErrorCodes, http3ErrorCodes } from './http-errors.ts'
export type { RegisteredName } from './names.ts'
export { extensionNames, subprotocolNames } from './names.ts'
export type { CloseCodeEntry, OpcodeEntry, VersionNumberEntry } from './websocket.ts'
export { CloseCode, closeCodes, Opcode, opcodes, Rsv, versionNumbers } from './websocket.ts'
