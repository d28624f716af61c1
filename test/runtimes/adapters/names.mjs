/** The cases of the adapters, which are rows of the table in all runtimes. */

export const bunCases = [
  'Bun.listen: a slow reader gets 40 MB in order, with little memory',
  'Bun.listen: a peer that ends its direction still gets the queued output, and the Close',
  'Bun.listen: a reset in the middle of a write is an end, and fails the write',
  'Bun.listen: 1000 connections open and end in every way, and none is left',
  'Bun.listen, plain: peers that are silent or do not read are released',
  'Bun.listen, TLS: peers that are silent or do not read are released',
  'Bun.listen: a peer moves to another endpoint',
  'Bun.listen: a peer as a stream of node:stream',
  'Bun.connect, plain: a client echoes, closes and leaves no socket',
  'Bun.connect, TLS: a client echoes, closes and leaves no socket',
  'Bun.connect: an untrusted certificate is the cause of the failure',
]
