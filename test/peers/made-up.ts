/** Extensions to negotiate about, which do nothing to messages. Knows what they offer and take. */

import { getParam } from '../../src/handshake/index.ts'
import {
  type DefinedExtension,
  defineExtension,
  type ExtensionParams,
  type ExtensionParamsSource,
  Rsv,
} from '../../src/index.ts'

const same = (piece: Uint8Array): Uint8Array => piece

/** One that exists nowhere else: two alternatives, of which only the second is ever taken, and at a lower level. */
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

/** What is asked of compression in earnest; what is answered is kept as it is. */
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
