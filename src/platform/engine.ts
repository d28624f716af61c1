/**
 * Detects engines with fast 64-bit arrays, for the masking of payloads. It affects speed only. Detection relies on the members of an
 * `Error`, because the language does not expose the engine's name.
 *
 * @module
 */

let fast: boolean | undefined

/**
 * Whether a `BigUint64Array` compiles to plain machine words, as in V8 (Node, Deno, Chromium, Workers), where it is faster than an
 * `Int32Array`. JavaScriptCore creates an object per word, which is far slower; other engines are untested. If V8 ever becomes
 * indistinguishable from them, this returns false, and everything still works.
 */
export function hasFastWords64(): boolean {
  fast ??= looksLikeV8(new Error())
  return fast
}

// JavaScriptCore has `line`, SpiderMonkey `lineNumber`; V8 has neither, and `stack` is an own property.
function looksLikeV8(error: Error): boolean {
  return Object.hasOwn(error, 'stack') && !('line' in error) && !('lineNumber' in error)
}
