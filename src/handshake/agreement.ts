/**
 * What a handshake agreed on, as plain data. Knows nothing of how it came about or what is made of it.
 *
 * @module
 */

/** An extension in use, with whatever it needs to know. */
export interface AgreedExtension {
  name: string
  params: unknown
}

/** What was agreed: log it, store it, hand it to another process. */
export interface Agreement<Subprotocol extends string = string> {
  subprotocol: Subprotocol | undefined
  extensions: AgreedExtension[]
}
