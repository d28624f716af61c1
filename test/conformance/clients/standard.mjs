/** A visit by the WHATWG `WebSocket`. The function uses nothing outside itself, so that a page can run its source. */
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
