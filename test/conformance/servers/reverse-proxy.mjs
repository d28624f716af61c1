/** The unchanged reverse proxy from the examples, in front of an echo server. */
import { create } from './create.mjs'

const server = create.http()
server.listen(0, '127.0.0.1', () => {
  process.argv.push('0', `ws://127.0.0.1:${server.address().port}`)
  void import('../../../examples/reverse-proxy.mjs')
})
