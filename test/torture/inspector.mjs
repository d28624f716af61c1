/** The memory of a runtime that can only be asked through its inspector (workerd). */

import { WebSocket } from 'ws'

/**
 * Returns the bytes in use after a collection, which workerd only does for a snapshot. The inspector is connected only during the call,
 * because it keeps objects alive.
 */
export async function measureIsolate(port) {
  const [{ webSocketDebuggerUrl }] = await (await fetch(`http://127.0.0.1:${port}/json`)).json()
  const socket = new WebSocket(webSocketDebuggerUrl)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  await call(socket, 1, 'HeapProfiler.takeHeapSnapshot')
  const { usedSize, backingStorageSize } = await call(socket, 2, 'Runtime.getHeapUsage')
  socket.close()
  await new Promise((resolve) => socket.once('close', resolve))
  return usedSize + backingStorageSize
}

function call(socket, id, method) {
  socket.send(JSON.stringify({ id, method }))
  return new Promise((resolve, reject) => {
    socket.once('error', reject).on('message', function take(data) {
      const answer = JSON.parse(data)
      if (answer.id !== id) return
      socket.off('message', take).off('error', reject)
      if (answer.error) reject(new Error(answer.error.message))
      else resolve(answer.result)
    })
  })
}
