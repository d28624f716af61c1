/**
 * Checks SETTINGS_ENABLE_CONNECT_PROTOCOL for a client, which must wait for it before extended CONNECT (RFC 8441 §3, RFC 9220 §3).
 * An HTTP/2 or HTTP/3 server just sends 1; `enableConnectProtocol` in the registry is the setting's number.
 *
 * @module
 */

import { checkOptionNames, describeValue, requireOptional, requireType } from '../arguments.ts'
import { ProtocolError } from '../errors.ts'
import { enableConnectProtocol } from '../registry/http.ts'

/** Options of {@link verifyConnectSetting}. */
export interface ConnectSettingOptions {
  /** Default: `'2'`. */
  readonly version?: '2' | '3' | undefined
  /**
   * Whether it was enabled before. Over HTTP/2: by earlier settings on the connection. Over HTTP/3, which sends settings only
   * once: as remembered for 0-RTT data, if the server accepted that data. Default: false.
   */
  readonly previous?: boolean | undefined
}

const optionNames = ['version', 'previous'] as const satisfies (keyof ConnectSettingOptions)[]

/** The result for a server's settings. */
export type ConnectSetting =
  /** Whether extended CONNECT may be used from here on. */
  | {
      /** The value is valid. */
      readonly ok: true
      /** Whether a client may use extended CONNECT. */
      readonly enabled: boolean
    }
  /** The server broke a rule: close the connection with this HTTP/2 or HTTP/3 error code. */
  | {
      /** The value is invalid. */
      readonly ok: false
      /** What is wrong with it. */
      readonly fault: ProtocolError
      /** For GOAWAY or CONNECTION_CLOSE. */
      readonly errorCode: number
      /** The registered name of that code. */
      readonly name: string
    }

/**
 * Checks the value that a server sent. A client may use extended CONNECT only once it is 1: a server without support treats the
 * request as malformed. Never throws for what a peer sent.
 *
 * @param value The value of setting 0x08; `undefined` if the settings do not contain it.
 * @throws TypeError for a value that is not a number and for invalid options, `RangeError` for another version.
 *
 * @example
 * verifyConnectSetting(1) // { ok: true, enabled: true }
 * verifyConnectSetting(0, { previous: true }).ok // false
 */
export function verifyConnectSetting(value: number | undefined, options: ConnectSettingOptions = {}): ConnectSetting {
  requireOptional(value, 'number', '`value`')
  checkOptionNames(options, optionNames, 'the options of verifyConnectSetting')
  const { version = '2', previous = false } = options
  if (version !== '2' && version !== '3')
    throw new RangeError(`\`version\` must be '2' or '3', not ${describeValue(version)}`)
  requireType(previous, 'boolean', '`previous`')
  // A missing setting keeps its value over HTTP/2, and is 0 over HTTP/3.
  const effective = value ?? (previous && version === '2' ? 1 : 0)
  // "The value of the parameter MUST be 0 or 1."                                                        RFC 8441 §3
  if (effective !== 0 && effective !== 1) return fail(version, `is ${effective}, where 0 or 1 is expected`)
  // "A sender MUST NOT send a SETTINGS_ENABLE_CONNECT_PROTOCOL parameter with the value of 0 after previously sending a value
  // of 1."                                                              RFC 8441 §3; of 0-RTT: RFC 9114 §7.2.4.2
  if (previous && effective === 0) return fail(version, `went back from 1 to ${value ?? 'nothing'}`)
  return { ok: true, enabled: effective === 1 }
}

/** HTTP/2 uses PROTOCOL_ERROR for an invalid value (RFC 9113 §6.5.2), HTTP/3 a code for settings (RFC 9114 §8.1). */
const errors = {
  '2': { errorCode: 0x1, name: 'PROTOCOL_ERROR', reference: 'RFC 8441 §3' },
  '3': { errorCode: 0x109, name: 'H3_SETTINGS_ERROR', reference: 'RFC 9220 §3' },
} as const

function fail(version: '2' | '3', found: string): ConnectSetting {
  const { errorCode, name, reference } = errors[version]
  const message = `setting 0x0${enableConnectProtocol.identifier} (SETTINGS_ENABLE_CONNECT_PROTOCOL) ${found}`
  return { ok: false, fault: new ProtocolError('setting', message, { reference }), errorCode, name }
}
