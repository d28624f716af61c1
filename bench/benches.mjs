/**
 * All benches by name, in the order of a run. Each is loaded when it is run, because not every runtime has what it imports.
 * `everywhere`: it runs in each runtime, to show targets beside the reference.
 */

const bench = (file, name) => async () => {
  const module = await import(file)
  await module[name]()
}

export const benches = {
  walk: bench('./frames.mjs', 'benchWalk'),
  heap: bench('./heap.mjs', 'benchHeap'),
  instructions: bench('./instructions.mjs', 'benchInstructions'),
  before: bench('./compare.mjs', 'benchBefore'),
  wslay: bench('./wslay.mjs', 'benchWslay'),
  frames: bench('./frames.mjs', 'benchFrames'),
  texts: bench('./frames.mjs', 'benchTexts'),
  chunks: bench('./chunks.mjs', 'benchChunks'),
  mask: bench('./mask.mjs', 'benchMask'),
  wasm: bench('./wasm.mjs', 'benchWasm'),
  encode: bench('./encode.mjs', 'benchEncode'),
  send: bench('./send.mjs', 'benchSend'),
  utf8: bench('./utf8.mjs', 'benchUtf8'),
  heads: bench('./heads.mjs', 'benchHeads'),
  handshakes: bench('./handshakes.mjs', 'benchHandshakes'),
  refusals: bench('./refusals.mjs', 'benchRefusals'),
  deflate: bench('./deflate.mjs', 'benchDeflate'),
  echo: bench('./echo.mjs', 'benchEcho'),
  idle: bench('./idle.mjs', 'benchIdle'),
  many: bench('./many.mjs', 'benchMany'),
  growth: bench('./growth.mjs', 'benchGrowth'),
  load: bench('./load.mjs', 'benchLoad'),
  runtimes: bench('./runtimes.mjs', 'benchRuntimes'),
}

/** Those that run only by name: one takes minutes, the other has been decided. */
export const onRequest = ['instructions', 'wasm']

/** Those with targets that any runtime can be held against. */
export const everywhere = ['walk', 'frames', 'texts', 'encode', 'send', 'utf8', 'heads', 'handshakes']
