/** The part of `websocket-driver` that the tests use: the package has no types. */

declare module 'websocket-driver' {
  /** Parameters as the library has them: numbers if they look like one, a list if one is repeated. */
  export type Params = Record<string, string | number | boolean | (string | number | boolean)[]>

  type Pass = (error: Error | null, message: unknown) => void

  interface Session {
    processIncomingMessage(message: unknown, pass: Pass): void
    processOutgoingMessage(message: unknown, pass: Pass): void
    close(): void
  }

  export interface ClientSession extends Session {
    generateOffer(): Params | Params[]
    activate(params: Params): boolean
  }

  export interface ServerSession extends Session {
    generateResponse(): Params
  }

  export interface Extension {
    readonly name: string
    readonly type: 'permessage'
    readonly rsv1: boolean
    readonly rsv2: boolean
    readonly rsv3: boolean
    createClientSession(): ClientSession
    createServerSession(offers: Params[]): ServerSession | null
  }

  /** Closes with 1000 by default. */
  interface Driver {
    readonly io: NodeJS.ReadWriteStream
    readonly protocol?: string | null
    /** For a client: of the response. */
    readonly statusCode?: number
    start(): boolean
    setHeader(name: string, value: string): boolean
    addExtension(extension: Extension): boolean
    text(message: string): boolean
    binary(message: Uint8Array): boolean
    ping(message: string): boolean
    close(reason?: string, code?: number): boolean
    on(event: 'connect' | 'open', listener: () => void): this
    on(event: 'message', listener: (event: { data: string | Buffer }) => void): this
    on(event: 'pong', listener: (event: { data: string }) => void): this
    on(event: 'close', listener: (event: { code: number; reason: string }) => void): this
  }

  const library: {
    client(url: string, options?: { protocols?: readonly string[] }): Driver
    server(options?: { protocols?: readonly string[] }): Driver
  }

  export type { Driver }
  export default library
}
