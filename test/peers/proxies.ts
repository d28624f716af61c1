/**
 * Third-party proxies, each in its own process with its own configuration, on a free port: tinyproxy for CONNECT, nginx in front of
 * a server. Also our request for a tunnel, from the source.
 */

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  formatRequestHead,
  type OfferTunnelOptions,
  offerTunnel,
  ResponseHeadParser,
  type TunnelOutcome,
  verifyTunnel,
} from '../../src/index.ts'
import { findExecutable, type Host, type Running, startProcess, within } from './support.ts'

const tinyproxy = findExecutable('tinyproxy')
const nginx = findExecutable('nginx')
/** What is missing to start one; `undefined` if nothing is. */
export const missingTinyproxy: string | undefined = tinyproxy === undefined ? 'no tinyproxy is installed' : undefined
export const missingNginx: string | undefined = nginx === undefined ? 'no nginx is installed' : undefined

/** A port that was free a moment ago: these programs do not report which one they chose. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until a program listens there, or has exited. */
export async function whenListening(port: number, { child }: Running): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const reached = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (reached || child.exitCode !== null) return
    await wait(10)
  }
}

/** Starts a program with its configuration in a temporary folder. */
async function startConfigured(
  name: string,
  executable: string | undefined,
  config: (port: number) => string,
  args: (folder: string, file: string) => readonly string[],
): Promise<Host> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  const file = join(folder, `${name}.conf`)
  const port = await findFreePort()
  await writeFile(file, config(port))
  const running = startProcess(name, executable as string, args(folder, file))
  const stop = async (): Promise<void> => {
    try {
      await running.stop()
    } finally {
      await rm(folder, { recursive: true })
    }
  }
  await within(whenListening(port, running), `${name} to listen`)
  if (running.child.exitCode !== null) await stop()
  return { port, url: `ws://127.0.0.1:${port}/`, stop }
}

/** A CONNECT proxy with further lines of configuration. */
export function startTinyproxy(...lines: readonly string[]): Promise<Host> {
  return startConfigured(
    'tinyproxy',
    tinyproxy,
    (port) => [`Port ${port}`, 'Listen 127.0.0.1', 'LogLevel Critical', ...lines, ''].join('\n'),
    (_, file) => ['-d', '-c', file],
  )
}

/** A proxy that passes upgrades on to a port; below `/plain` it forwards requests as it does without configuration for upgrades. */
export function startNginx(port: number): Promise<Host> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`)
  const config = (own: number): string => `
    daemon off;
    master_process off;
    pid nginx.pid;
    error_log stderr crit;
    events { worker_connections 64; }
    http {
      access_log off;
      ${temporary.join(' ')}
      map $http_upgrade $connection_upgrade { default upgrade; '' close; }
      server {
        listen 127.0.0.1:${own};
        location / {
          proxy_pass http://127.0.0.1:${port};
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
        }
        location /plain { proxy_pass http://127.0.0.1:${port}; }
      }
    }`
  return startConfigured('nginx', nginx, config, (folder, file) => ['-e', 'stderr', '-p', folder, '-c', file])
}

/** The outcome of a tunnel request, and the socket to the proxy, which leads through the tunnel if `outcome` is good. */
export interface Tunnel {
  readonly outcome: TunnelOutcome
  readonly socket: Socket
}

/** Asks the proxy on a port for a tunnel. */
export async function openTunnel(
  proxy: Host,
  hostname: string,
  port: number,
  options?: OfferTunnelOptions,
): Promise<Tunnel> {
  const socket = connect(proxy.port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.write(formatRequestHead(offerTunnel(hostname, port, options)))
  const heads = new ResponseHeadParser()
  const answered = new Promise<Tunnel>((resolve, reject) => {
    socket.on('close', () => reject(new Error('the proxy hung up')))
    socket.on('data', function receiveHead(chunk) {
      const parsed = heads.push(chunk)
      if (!parsed) return
      socket.off('data', receiveHead).pause()
      socket.unshift(parsed.rest)
      resolve({ outcome: verifyTunnel(parsed), socket })
    })
  })
  return within(answered, 'an answer of the proxy')
}
