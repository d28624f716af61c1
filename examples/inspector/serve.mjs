// Builds the inspector's bundle and serves the page on loopback: `npm run inspector`, or with a port: `-- 8080`.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(name, import.meta.url))

await build({
  config: false,
  entry: { inspector: path('main.ts') },
  outDir: path('dist'),
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  noExternal: [/./],
  minify: true,
  silent: true,
})

/** The only files served. */
const files = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/style.css', ['style.css', 'text/css; charset=utf-8']],
  ['/dist/inspector.js', ['dist/inspector.js', 'text/javascript; charset=utf-8']],
])

const server = createServer(async ({ url = '/' }, response) => {
  const [name, type] = files.get(url.replace(/\?.*/, '')) ?? []
  if (name === undefined || type === undefined) response.writeHead(404).end()
  else response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(await readFile(path(name)))
})
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`http://127.0.0.1:${port}/`)
})
