// A client on `connect()` of Workers: asks a server for one answer, and returns it.
//   bindings = [ (name = "UPSTREAM", text = "ws://127.0.0.1:8086/") ]
import { connect } from 'cloudflare:sockets'
import { offerHandshake } from 'websocket-primitives'
import { openStream } from 'websocket-primitives/streams'

export default {
  /** @param {Request} request @param {{ UPSTREAM: string }} env */
  async fetch(request, env) {
    const offer = offerHandshake(env.UPSTREAM)
    const socket = connect(offer, { secureTransport: offer.secure ? 'on' : 'off', allowHalfOpen: true })
    const opened = await openStream(socket, offer)
    if (!opened.ok) return new Response(`${opened.kind}: ${opened.errors[0].message}\n`, { status: 502 })

    const writer = opened.writable.getWriter()
    const reader = opened.readable.getReader()
    try {
      await writer.write(await request.text())
      const { value } = await reader.read()
      return value === undefined ? new Response('no answer\n', { status: 502 }) : new Response(value)
    } catch (error) {
      return new Response(`${error}\n`, { status: 502 })
    } finally {
      reader.cancel().catch(() => {})
      await opened.closed
    }
  },
}
