/** A visit by the `WebSocket` of the WHATWG. Uses nothing from outside itself, so that a page can be given its source. */
export function visitWith(WebSocket) {
  return (url, answer) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url, ['chat'])
      socket.binaryType = 'arraybuffer'
      socket.onmessage = ({ data }) => {
        const reply = answer(data)
        if (reply !== undefined) socket.send(reply)
      }
      socket.onclose = resolve
    })
}
