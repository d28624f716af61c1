/**
 * `examples/hibernation-workers.mjs` as workerd serves it, with a way to evict its Durable Objects. workerd itself evicts them only after
 * ten idle seconds. Each request over HTTP evicts all, and is answered with the number of their constructions.
 */

import unsafe from 'workerd:unsafe'
import example, { Session as Original } from '/examples/hibernation-workers.mjs'

const ids = new Set()
let constructed = 0

export class Session extends Original {
  constructor(ctx, env) {
    super(ctx, env)
    constructed++
    ids.add(ctx.id.toString())
  }
}

export default {
  connect: example.connect,
  async fetch(_, { SESSIONS }) {
    // It fails for an object that has been evicted already.
    for (const id of ids) await unsafe.evict(SESSIONS.get(SESSIONS.idFromString(id))).catch(() => {})
    return new Response(`${constructed}`)
  },
}
