/**
 * Checks the installed package, however its modules were loaded: each subpath exports something, all of them the same
 * `ProtocolError`, and a client and a server can talk with each codec.
 */

/** @param {Record<string, Record<string, unknown>>} modules Subpath → what was loaded. */
exports.check = (modules) => {
  const classes = new Set()
  for (const [subpath, exported] of Object.entries(modules)) {
    if (Object.keys(exported).length === 0) throw new Error(`${subpath} gives nothing`)
    if (exported.ProtocolError !== undefined) classes.add(exported.ProtocolError)
  }
  equal(classes.size, 1, 'kinds of ProtocolError')
  const root = modules['websocket-primitives']
  for (const codec of [
    modules['websocket-primitives/codec/zlib'].zlib,
    modules['websocket-primitives/codec/pako'].pako,
  ])
    equal(talk(root, codec), 'Hello '.repeat(100), `a text by ${codec.name}`)
}

function equal(found, expected, what) {
  if (found !== expected) throw new Error(`${what}: ${found}, where ${expected} is expected`)
}

/** A text that a client sends to a server, compressed, including the handshake. */
function talk(root, codec) {
  const extensions = [root.permessageDeflate({ codec, threshold: 0 })]
  const offer = root.offerHandshake('ws://server.example.com/chat', { extensions })
  const request = new root.RequestHeadParser().push(root.formatRequestHead(offer.request))
  const accepted = root.acceptHandshake(request, { extensions })
  const response = new root.ResponseHeadParser().push(root.formatResponse(accepted.response))
  const verified = root.verifyHandshake(response, offer)
  if (!verified.ok) throw verified.errors[0]
  const client = new root.Connection({ role: 'client', agreement: verified, extensions })
  const server = new root.Connection({ role: 'server', agreement: accepted, extensions })
  client.sendText('Hello '.repeat(100))
  const wire = client.takeOutput()
  if (wire.length > 100) throw new Error(`${wire.length} bytes are not compressed`)
  const [event] = server.receive(wire)
  client.receiveEnd()
  server.receiveEnd()
  return event.data
}
