// A client that runs one case: it echoes until its connection ends.
import { WebSocket } from 'ws'

const socket = new WebSocket(process.argv[2])
socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
socket.on('error', () => {})
