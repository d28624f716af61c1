/**
 * Which engine runs this, as far as speed goes: nothing else may depend on it. Tells by what an `Error` carries, since names
 * of engines stand nowhere in the language.
 *
 * @module
 */

let fast: boolean | undefined

/**
 * Whether work on a `BigUint64Array` becomes plain machine words, as it does in V8 (Node, Deno, Chromium, Workers), where it
 * is 1.6 times as fast as an `Int32Array`. JavaScriptCore makes an object for each word and takes 100 times as long; of others
 * nothing is known, and V8 itself may come to look like them: then this says no, and all still works.
 */
export function hasFastWords64(): boolean {
  fast ??= looksLikeV8(new Error())
  return fast
}

// JavaScriptCore tells `line`, SpiderMonkey `lineNumber`; V8 tells neither, and has `stack` on the object itself.
function looksLikeV8(error: Error): boolean {
  return Object.hasOwn(error, 'stack') && !('line' in error) && !('lineNumber' in error)
}
