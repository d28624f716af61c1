/** Echoes with this package. The argument chooses the transport. */
import { create } from './create.mjs'

const server = create[process.argv[2]]()
server.listen(0, '127.0.0.1', () => console.log('listening on', server.address()))
