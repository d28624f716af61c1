/**
 * What a handshake agreed on, as plain data. Knows nothing of how it came about or what is made of it.
 *
 * @module
 */

/** An extension in use, with whatever it needs to know. */
export interface AgreedExtension {
  /** Its token. */
  name: string
  /** What the extension made of the offer, or of the answer: plain data. */
  params: unknown
}

/** What was agreed: log it, store it, hand it to another process. */
export interface Agreement<Subprotocol extends string = string> {
  /** `undefined`: none was agreed on. */
  subprotocol: Subprotocol | undefined
  /** In the order in which they work on messages that go out. */
  extensions: AgreedExtension[]
}
