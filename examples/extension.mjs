// An extension of one's own: messages that carry RSV2 end with a checksum. Both sides agree on it, and one message travels.
//   node examples/extension.mjs
import {
  acceptHandshake,
  Connection,
  decodeFrameHeader,
  describeFrame,
  getParam,
  offerHandshake,
  ProtocolError,
  Rsv,
  verifyHandshake,
} from 'websocket-primitives'

/** Goes on with the sum of the bytes before. @param {number} sum @param {Uint8Array} bytes @param {number} modulus */
const addTo = (sum, bytes, modulus) => bytes.reduce((total, byte) => (total + byte) % modulus, sum)

/** Both in one array, as cheaply as their size allows. @param {Uint8Array} one @param {Uint8Array} other */
function join(one, other) {
  const all = new Uint8Array(one.length + other.length)
  all.set(one)
  all.set(other, one.length)
  return all
}

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
  // State of one connection: a message may come in pieces, and each is handed on at once, but for its last byte.
  open({ modulus }) {
    const sent = { sum: 0 }
    const received = { sum: 0, held: new Uint8Array(0) }
    return {
      encode(piece, { first, last }) {
        sent.sum = addTo(first ? 0 : sent.sum, piece, modulus)
        return last ? join(piece, Uint8Array.of(sent.sum)) : piece
      },
      decode(piece, { first, last }) {
        if (first) Object.assign(received, { sum: 0, held: new Uint8Array(0) })
        // What was held back is the checksum only if nothing follows it.
        const all = join(received.held, piece)
        const data = all.subarray(0, -1)
        received.held = all.slice(-1)
        received.sum = addTo(received.sum, data, modulus)
        if (last && received.held[0] !== received.sum)
          throw new ProtocolError('extension-data', 'the checksum differs', { closeCode: 1007 })
        return data
      },
    }
  },
}
const extensions = [checksummed]

// The handshake: what is agreed on is plain data.
const offer = offerHandshake('ws://localhost/', { extensions })
const accepted = acceptHandshake(offer.request, { extensions })
const verified = verifyHandshake(accepted.response, offer)
if (!accepted.ok || !verified.ok) throw new Error('no agreement')
console.log('offered:', offer.request.headers.find(([name]) => name === 'Sec-WebSocket-Extensions')?.[1])
console.log('agreed: ', JSON.stringify(verified.extensions))

// A message of the client: the connections do the rest.
const client = new Connection({ role: 'client', agreement: verified, extensions })
const server = new Connection({ role: 'server', agreement: accepted, extensions })
client.sendBinary(Uint8Array.of(1, 2, 250))
const bytes = client.takeOutput() ?? new Uint8Array(0)
const header = decodeFrameHeader(bytes)
console.log('frame:  ', header && describeFrame(header))
for (const event of server.receive(bytes)) if (event.type === 'binary') console.log('data:   ', event.data.join(' '))
