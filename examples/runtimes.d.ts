/** The parts of other runtimes' types that the examples use: the full types are large, and conflict with each other. */

declare namespace Deno {
  const args: readonly string[]
  interface Address {
    readonly hostname: string
    readonly port: number
  }
  interface Conn {
    readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
    readonly writable: WritableStream<Uint8Array>
    read(buffer: Uint8Array): Promise<number | null>
    closeWrite(): Promise<void>
    close(): void
  }
  interface Listener {
    readonly addr: Address
    accept(): Promise<Conn>
    close(): void
  }
  function listen(options: Address): Listener
  namespace errors {
    class NotConnected extends Error {}
  }
  function addSignalListener(signal: 'SIGTERM', listener: () => void): void
  function exit(): never
  function serve(
    options: Address & { readonly onListen: (address: Address) => void },
    handler: (request: Request) => Response,
  ): unknown
  function upgradeWebSocket(
    request: Request,
    options: { readonly protocol: string | undefined },
  ): {
    readonly socket: { onmessage: (event: { readonly data: string | ArrayBuffer }) => void; send(data: unknown): void }
    readonly response: Response
  }
}

declare namespace Bun {
  interface Options {
    readonly hostname: string
    readonly port: number
    readonly tls?: boolean
    readonly allowHalfOpen: boolean
    readonly socket: import('websocket-primitives/bun').BunSocketHandlers
  }
  function listen(options: Options): { readonly port: number }
  function connect(options: Options): Promise<{ readonly data: import('websocket-primitives/bun').DuplexLike }>
  interface Server {
    readonly port: number
    upgrade(request: Request, options: { readonly headers: [string, string][] }): boolean
  }
  function serve(options: {
    readonly hostname: string
    readonly port: number
    fetch(request: Request, server: Server): Response | undefined
    readonly websocket: {
      message(socket: { send(data: string | Uint8Array): number }, data: string | Uint8Array): void
    }
  }): Server
}

declare module 'cloudflare:sockets' {
  interface Socket {
    readonly closed: Promise<void>
    readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
    readonly writable: WritableStream<Uint8Array>
    close(): Promise<void>
  }
  function connect(
    address: { readonly hostname: string; readonly port: number },
    options: { readonly secureTransport: 'off' | 'on'; readonly allowHalfOpen: boolean },
  ): Socket
}

declare module 'cloudflare:workers' {
  class DurableObject {
    protected readonly ctx: {
      readonly storage: {
        get(key: string): Promise<unknown>
        put(key: string, value: unknown): Promise<void>
        deleteAll(): Promise<void>
        setAlarm(time: number): Promise<void>
      }
    }
  }
}

/** Of Workers. `Session`: their class. */
interface DurableObjects<Session = object> {
  idFromName(name: string): object
  newUniqueId(): object
  get(id: object): Session & { fetch(url: string, init: { readonly headers: HeadersInit }): Promise<Response> }
}

/** Of Workers. */
interface WorkersWebSocket {
  binaryType: 'arraybuffer' | 'blob'
  accept(): void
  send(data: string | ArrayBuffer): void
  close(code: number): void
  addEventListener(type: 'message', listener: (event: { readonly data: string | ArrayBuffer }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void
}

/** Of Workers. */
declare class WebSocketPair {
  readonly 0: WorkersWebSocket
  readonly 1: WorkersWebSocket
}

interface Response {
  /** Of Workers, for status 101. */
  readonly webSocket?: WorkersWebSocket | null
}
