/** Handshakes that are valid except for the lines that an example changes. */

import { ACCEPT, KEY } from '../opening.ts'

/** Lines by name, so that an example can change them: an empty line is left out, and a line with a new name is added. */
type Lines = Readonly<Record<string, string>>

function format(start: string, lines: Lines, end: string): string {
  const fields = Object.values(lines).filter((each) => each !== '')
  return `${[start, ...fields].join('\r\n')}\r\n${end}`
}

export function request(changes: Lines, start = 'GET / HTTP/1.1', end = '\r\n'): string {
  const lines: Lines = {
    Host: 'Host: a.example',
    Upgrade: 'Upgrade: websocket',
    Connection: 'Connection: Upgrade',
    Key: `Sec-WebSocket-Key: ${KEY}`,
    Version: 'Sec-WebSocket-Version: 13',
    ...changes,
  }
  return format(start, lines, end)
}

export function answer(changes: Lines, start = 'HTTP/1.1 101 Switching Protocols', end = '\r\n'): string {
  const lines: Lines = {
    Upgrade: 'Upgrade: websocket',
    Connection: 'Connection: Upgrade',
    Accept: `Sec-WebSocket-Accept: ${ACCEPT}`,
    Protocol: 'Sec-WebSocket-Protocol: chat',
    ...changes,
  }
  return format(start, lines, end)
}
