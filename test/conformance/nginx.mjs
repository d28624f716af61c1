/** nginx in front of a server, as the guide on proxies configures it. */

import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '../runtimes/processes.mjs'

/** The folder for its configuration and temporary files. The next run overwrites it. */
const folder = fileURLToPath(new URL('node_modules/.nginx/', import.meta.url))
const guide = readFileSync(new URL('../../docs/proxies.md', import.meta.url), 'utf8')
const [location] = /^location .*?^}$/ms.exec(guide)

/** Returns a port that is free at the moment, because nginx does not report which port it chose. */
async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Starts nginx in front of a loopback port. */
export async function startNginx(backend) {
  const port = await findFreePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`)
  const config = `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.join(' ')}
  server {
    listen 127.0.0.1:${port};
    ${location.replace(/^location \S+/, 'location /').replace('127.0.0.1:8080', `127.0.0.1:${backend}`)}
  }
}`
  const file = join(folder, 'nginx.conf')
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, config)
  // Its log names it once it listens.
  const isListening = (said) => (/ nginx\//.test(said) ? { http: port } : undefined)
  return startServer('nginx', ['-e', 'stderr', '-p', folder, '-c', file], process.env, isListening)
}
