// A custom extension: messages marked with RSV2 end with a checksum. Both sides agree on it, and one message is sent.
//   node examples/extension.mjs
import {
  acceptHandshake,
  Connection,
  defineExtension,
  describeFrame,
  offerHandshake,
  ProtocolError,
  Rsv,
  verifyHandshake,
} from 'websocket-primitives'
import { decodeFrameHeader } from 'websocket-primitives/frame'
import { getParam } from 'websocket-primitives/handshake'

/** @param {Uint8Array} bytes @param {number} modulus */
const checksum = (bytes, modulus) => bytes.reduce((sum, byte) => (sum + byte) % modulus, 0)

/** @param {Uint8Array} a @param {Uint8Array} b */
function join(a, b) {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

const checksummed = defineExtension({
  name: 'x-checksum',
  rsv: Rsv.RSV2,
  // The client prefers the larger modulus and accepts the smaller one.
  offer: () => [{ modulus: 251 }, { modulus: 127 }],
  accept(offer) {
    const modulus = getParam(offer, 'modulus')
    return modulus === '127' ? { params: { modulus: 127 }, response: { modulus } } : undefined
  },
  verify(response, offers) {
    const modulus = getParam(response, 'modulus')
    return offers.some((offer) => getParam(offer, 'modulus') === modulus) ? { modulus: Number(modulus) } : undefined
  },
  // State of one connection. A message may arrive in pieces.
  open({ modulus }) {
    let sent = 0
    let sum = 0
    let held = new Uint8Array(0) // the last byte so far, possibly the checksum
    return {
      encode(piece, { first, last }) {
        sent = ((first ? 0 : sent) + checksum(piece, modulus)) % modulus
        return last ? join(piece, Uint8Array.of(sent)) : piece
      },
      decode(piece, { first, last }) {
        const bytes = first ? piece : join(held, piece)
        const data = bytes.slice(0, -1)
        held = bytes.slice(-1)
        sum = ((first ? 0 : sum) + checksum(data, modulus)) % modulus
        if (!last || held[0] === sum) return data
        throw new ProtocolError('extension-data', 'the checksum differs', { closeCode: 1007 })
      },
    }
  },
})
const extensions = [checksummed]

// The handshake: the agreement is plain data.
const offer = offerHandshake('ws://localhost/', { extensions })
const accepted = acceptHandshake(offer.request, { extensions })
const verified = verifyHandshake(accepted.response, offer)
if (!accepted.ok || !verified.ok) throw new Error('no agreement')
console.log('offered:', offer.request.headers.find(([name]) => name === 'Sec-WebSocket-Extensions')?.[1])
console.log('agreed: ', JSON.stringify(verified.extensions))

// The client sends a message; the connections do the rest.
const client = new Connection({ role: 'client', agreement: verified, extensions })
const server = new Connection({ role: 'server', agreement: accepted, extensions })
client.sendBinary(Uint8Array.of(1, 2, 250))
const bytes = client.takeOutput() ?? new Uint8Array(0)
const header = decodeFrameHeader(bytes)
console.log('frame:  ', header && describeFrame(header))
for (const event of server.receive(bytes)) if (event.type === 'binary') console.log('data:   ', event.data.join(' '))
