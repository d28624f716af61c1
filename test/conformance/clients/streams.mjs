/** A visit by this package's streams. */
import { openStream } from 'websocket-primitives/streams'

export async function converse(transport, offer, answer) {
  const opened = await openStream(transport, offer)
  if (!opened.ok) return
  const writer = opened.writable.getWriter()
  try {
    for await (const data of opened.readable) {
      const reply = answer(data)
      if (reply !== undefined) await writer.write(reply)
    }
    await writer.close()
  } catch {
    // `closed` comes then, too.
  }
  await opened.closed
}
