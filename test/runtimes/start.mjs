/** Runs `main` of a module in a runtime that starts a file: the module's path from here, then the arguments of `main`, as JSON. */

const [, , path, given] = process.argv
const { main } = await import(new URL(path, import.meta.url).href)
await main(JSON.parse(given))
