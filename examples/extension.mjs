// An extension of one's own: messages that carry RSV2 end with a checksum. Both sides agree on it, and one message travels.
//   node examples/extension.mjs
import { getRandomValues } from 'node:crypto'
import {
  acceptHandshake,
  describeFrame,
  encodeFrame,
  FrameDecoder,
  getParam,
  Opcode,
  offerHandshake,
  ProtocolError,
  Rsv,
  verifyHandshake,
} from 'websocket-primitives'

/** @param {Uint8Array} bytes @param {number} modulus */
const checksum = (bytes, modulus) => bytes.reduce((sum, byte) => (sum + byte) % modulus, 0)

/** @type {import('websocket-primitives').Extension<{ modulus: number }>} */
const checksummed = {
  name: 'x-checksum',
  rsv: Rsv.RSV2,
  // The client would like the larger modulus, and takes the smaller one as well.
  offer: () => [{ modulus: 251 }, { modulus: 127 }],
  accept(offer) {
    const modulus = getParam(offer, 'modulus')
    return modulus === '127' ? { params: { modulus: 127 }, response: { modulus } } : undefined
  },
  verify(response, offers) {
    const modulus = getParam(response, 'modulus')
    return offers.some((offer) => getParam(offer, 'modulus') === modulus) ? { modulus: Number(modulus) } : undefined
  },
  open: ({ modulus }) => ({
    encode: (piece) => Uint8Array.of(...piece, checksum(piece, modulus)),
    decode(piece) {
      const data = piece.subarray(0, -1)
      if (checksum(data, modulus) === piece.at(-1)) return data
      throw new ProtocolError('extension', 'the checksum differs', { closeCode: 1007 })
    },
  }),
}
const extensions = [checksummed]

// The handshake: what is agreed on is plain data.
const offer = offerHandshake('ws://localhost/', { extensions })
const accepted = acceptHandshake(offer.request, { extensions })
const verified = verifyHandshake(accepted.response, offer)
if (!accepted.ok || !verified.ok) throw new Error('no agreement')
console.log('offered:', offer.request.headers.find(([name]) => name === 'Sec-WebSocket-Extensions')?.[1])
console.log('agreed: ', JSON.stringify(verified.extensions))

// A message of the client, whole in one piece.
const whole = { opcode: Opcode.Binary, first: true, last: true, room: 125 }
const { params } = /** @type {{ params: { modulus: number } }} */ (verified.extensions[0])
const payload = checksummed.open(params, 'client').encode(Uint8Array.of(1, 2, 250), whole)
const frame = { opcode: Opcode.Binary, rsv: checksummed.rsv, payload, maskKey: getRandomValues(new Uint8Array(4)) }

const decoder = new FrameDecoder({ role: 'server', rsv: checksummed.rsv })
decoder.push(encodeFrame(frame))
decoder.next()
const { fin, rsv, opcode, payloadLength } = decoder
console.log('frame:  ', describeFrame({ fin, rsv, opcode, payloadLength, maskKey: frame.maskKey, lengthSize: 0 }))
console.log('data:   ', checksummed.open(params, 'server').decode(decoder.payload(), whole).join(' '))
