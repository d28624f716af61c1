// A client harness as users write it for the Autobahn test suite: it asks how many cases there are, runs each, and requests the
// reports. It knows nothing about this package.
import { WebSocket } from 'ws'

const [server, agent = 'ws'] = process.argv.slice(2)

function open(path) {
  return new Promise((resolve) => {
    const socket = new WebSocket(server + path)
    let text = ''
    socket.on('message', (data, isBinary) => {
      text = data.toString()
      if (path.startsWith('/runCase')) socket.send(data, { binary: isBinary })
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

const count = Number(await open('/getCaseCount'))
for (let i = 1; i <= count; i++) await open(`/runCase?case=${i}&agent=${agent}`)
await open(`/updateReports?agent=${agent}`)
