// Prints the traffic of a connection: the sender, the bytes, and their meaning.
import { describeFrame } from 'websocket-primitives'
import { applyMask, decodeFrameHeader, frameHeaderSize } from 'websocket-primitives/frame'

const useColor = process.stdout.isTTY && !process.env.NO_COLOR
/** @param {number} code @param {string} text */
const color = (code, text) => (useColor ? `\x1b[${code}m${text}\x1b[0m` : text)

/** The number of frame bytes shown. */
const SHOWN = 24

export function createTranscript() {
  let step = 0
  return {
    /** @param {string} text */
    title: (text) => console.log(`\n${color(1, `${++step}. ${text}`)}`),
    /** @param {import('websocket-primitives').ConnectionEvent} event */
    event({ type, ...rest }) {
      const shown = Object.entries(rest).filter(
        ([name, value]) => value !== undefined && value !== '' && !['first', 'last', 'roundTrip'].includes(name),
      )
      console.log(
        `   ${color(2, `client got ${type}:`)} ${shown.map(([name, value]) => `${name} ${show(value)}`).join(', ')}`,
      )
    },
    serverEnded: () => console.log(`   ${color(33, '◀── server')}  ends TCP`),
    fromClient: createSpeaker(color(36, 'client ──▶')),
    fromServer: createSpeaker(color(33, '◀── server')),
  }
}

/** @param {unknown} value */
function show(value) {
  return value instanceof Uint8Array ? hex(value) : JSON.stringify(value)
}

/** @param {string} arrow */
function createSpeaker(arrow) {
  let bytes = new Uint8Array(0)
  let inHead = true
  /** @param {Uint8Array} chunk */
  return (chunk) => {
    bytes = new Uint8Array(Buffer.concat([bytes, chunk]))
    if (inHead) inHead = !takeHead()
    if (!inHead) while (takeFrame());
  }

  function takeHead() {
    const text = Buffer.from(bytes).toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    if (end === -1) return false
    for (const line of text.slice(0, end).split('\r\n')) console.log(`   ${arrow}  ${line}`)
    bytes = bytes.slice(end + 4)
    return true
  }

  function takeFrame() {
    const header = decodeFrameHeader(bytes)
    if (!header) return false
    const start = frameHeaderSize(header)
    const end = start + header.payloadLength
    if (bytes.length < end) return false
    console.log(`   ${arrow}  ${hex(bytes.subarray(0, end))}`)
    const payload = bytes.slice(start, end)
    if (header.maskKey) applyMask(payload, header.maskKey)
    console.log(`               ${color(2, describeFrame(header, payload))}`)
    bytes = bytes.slice(end)
    return true
  }
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  const shown = Buffer.from(bytes.subarray(0, SHOWN))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
  return bytes.length > SHOWN ? `${shown} … (${bytes.length} bytes)` : shown
}
