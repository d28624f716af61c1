/** A program in a browser, a worker, Deno or Bun: our results are accepted by the platform, and the platform's by us. */

import {
  acceptHandshake,
  Connection,
  encodeFrame,
  generateKey,
  offerHandshake,
  requestHeadFrom,
  verifyHandshake,
} from 'websocket-primitives'
import { toHeaderList } from 'websocket-primitives/http'
import { acceptStream, type MessageStreams, messageStreams, openStream } from 'websocket-primitives/streams'

export function answer(request: Request): Response {
  const accepted = acceptHandshake(request, { origins: ['https://a.example'] })
  if (!accepted.ok) return new Response(accepted.response.body, accepted.response)
  const headers = new Headers(accepted.agreedHeaders)
  headers.set('X-Target', requestHeadFrom(request).target)
  return new Response(null, { status: 101, headers: toHeaderList(headers) })
}

export function judge(response: Response): boolean {
  return verifyHandshake(response, offerHandshake('ws://a.example/')).ok
}

// Owned bytes have an `ArrayBuffer`, which these require from TypeScript 5.7 on.
export function use(socket: WebSocket): unknown[] {
  const frame = encodeFrame({ opcode: 2, payload: new Uint8Array(5) })
  socket.send(frame)
  const connection = new Connection({ role: 'client', maskKeys: () => crypto.getRandomValues(new Uint8Array(4)) })
  const output = connection.takeOutput()
  const parts: BlobPart[] = output === undefined ? [frame] : [output, ...connection.takeOutputParts()]
  const key = generateKey((bytes) => bytes.fill(1))
  return [new Blob(parts), new Response(frame), crypto.subtle.digest('SHA-256', frame), key]
}

export async function echo(transport: {
  readable: ReadableStream<Uint8Array>
  writable: WritableStream<Uint8Array>
}): Promise<void> {
  const accepted = await acceptStream(transport)
  if (!accepted.ok) throw accepted.errors[0]
  await accepted.readable.pipeTo(accepted.writable)
  const { code } = await accepted.closed
  console.log(code)
}

export async function read(transport: TransformStream<Uint8Array, Uint8Array>): Promise<void> {
  const streams: MessageStreams = messageStreams(transport, { role: 'client' })
  const readable: ReadableStream<string | Uint8Array> = streams.readable
  const writable: WritableStream<string> = streams.writable
  await readable.pipeThrough(new TransformStream<string | Uint8Array, string>()).pipeTo(writable)
  const opened = await openStream(transport, offerHandshake(new URL('ws://a.example/')))
  if (opened.ok) await opened.writable.getWriter().write('Hello')
}
