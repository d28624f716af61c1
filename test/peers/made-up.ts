/** Extensions for negotiation that leave messages unchanged. */

import { getParam } from '../../src/handshake/index.ts'
import {
  type DefinedExtension,
  defineExtension,
  type ExtensionParams,
  type ExtensionParamsSource,
  Rsv,
} from '../../src/index.ts'

const same = (piece: Uint8Array): Uint8Array => piece

/** A made-up one: two alternatives, of which only the second is accepted, and at a lower level. */
export function madeUp(name: string): DefinedExtension<{ level: number }> {
  return defineExtension({
    name,
    rsv: Rsv.RSV2,
    offer: () => [{ level: 9, exact: true }, { level: 5 }],
    accept: (offer) => (getParam(offer, 'exact') ? undefined : { params: { level: 3 }, response: { level: 3 } }),
    verify: (response) => ({ level: Number(getParam(response, 'level')) }),
    open: () => ({ encode: same, decode: same }),
  })
}

/** Real offers of compression; the response is kept as it is. */
export function compression(...alternatives: ExtensionParamsSource[]): DefinedExtension<ExtensionParams> {
  return defineExtension({
    name: 'permessage-deflate',
    rsv: Rsv.RSV1,
    offer: () => alternatives,
    accept: () => undefined,
    verify: (response) => response,
    open: () => ({ encode: same, decode: same }),
  })
}
