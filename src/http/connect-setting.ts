/**
 * SETTINGS_ENABLE_CONNECT_PROTOCOL, by which a server of HTTP/2 or HTTP/3 announces extended CONNECT (RFC 8441 §3, RFC 9220 §3),
 * for the client that waits for it. The server's part is to send 1: `enableConnectProtocol` in the registry is its number.
 *
 * @module
 */

import { checkOptionNames, describeValue, requireOptional, requireType } from '../arguments.ts'
import { ProtocolError } from '../errors.ts'
import { enableConnectProtocol } from '../registry/http.ts'

/** What is known beside the value. */
export interface ConnectSettingOptions {
  /** Default `'2'`. */
  readonly version?: '2' | '3' | undefined
  /**
   * What was in force before. Over HTTP/2: by the settings that came earlier on the connection. Over HTTP/3, which sends them
   * once: what the client remembered for its 0-RTT data, if the server has accepted those. Default: false.
   */
  readonly previous?: boolean | undefined
}

const optionNames = ['version', 'previous'] as const satisfies (keyof ConnectSettingOptions)[]

/** What a server's settings say of extended CONNECT. */
export type ConnectSetting =
  /** Whether extended CONNECT may be used from here on. */
  | {
      /** The value is one that may be sent. */
      readonly ok: true
      /** Whether a client may use extended CONNECT. */
      readonly enabled: boolean
    }
  /** The server broke a rule: the connection ends with this error code of HTTP/2 or HTTP/3. */
  | {
      /** It is not. */
      readonly ok: false
      /** What is wrong with it. */
      readonly fault: ProtocolError
      /** Of HTTP/2 or HTTP/3, for GOAWAY or CONNECTION_CLOSE. */
      readonly errorCode: number
      /** The registered name of that code. */
      readonly name: string
    }

/**
 * Holds the value that a server sent against the rules. Until it says 1, a client does not use extended CONNECT: a server that
 * does not know it takes the request for malformed. Never throws for what a peer sent.
 *
 * @param value Of setting 0x08; `undefined` where the settings do not hold it.
 * @throws TypeError for a value that is no number and for options that are none, `RangeError` for another version.
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
  // Over HTTP/2 a setting stays as it was; over HTTP/3 one that does not come is 0.
  const effective = value ?? (previous && version === '2' ? 1 : 0)
  // "The value of the parameter MUST be 0 or 1."                                                        RFC 8441 §3
  if (effective !== 0 && effective !== 1) return fail(version, `is ${effective}, where 0 or 1 is expected`)
  // "A sender MUST NOT send a SETTINGS_ENABLE_CONNECT_PROTOCOL parameter with the value of 0 after previously sending a value
  // of 1."                                                              RFC 8441 §3; of 0-RTT: RFC 9114 §7.2.4.2
  if (previous && effective === 0) return fail(version, `went back from 1 to ${value ?? 'nothing'}`)
  return { ok: true, enabled: effective === 1 }
}

/** HTTP/2 has PROTOCOL_ERROR for a value that is none (RFC 9113 §6.5.2), HTTP/3 a code for settings (RFC 9114 §8.1). */
const errors = {
  '2': { errorCode: 0x1, name: 'PROTOCOL_ERROR', reference: 'RFC 8441 §3' },
  '3': { errorCode: 0x109, name: 'H3_SETTINGS_ERROR', reference: 'RFC 9220 §3' },
} as const

function fail(version: '2' | '3', found: string): ConnectSetting {
  const { errorCode, name, reference } = errors[version]
  const message = `setting 0x0${enableConnectProtocol.identifier} (SETTINGS_ENABLE_CONNECT_PROTOCOL) ${found}`
  return { ok: false, fault: new ProtocolError('setting', message, { reference }), errorCode, name }
}
