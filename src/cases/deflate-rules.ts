/**
 * The rules that the cases of permessage-deflate quote.
 *
 * @module
 */

import type { Reference, Side } from '../testing/case.ts'

export const rules = {
  decline: (what: string): Reference => ({
    section: 'RFC 7692 §7',
    quote: `A server MUST decline an extension negotiation offer for this extension if any of the following conditions are met: … ${what}`,
  }),
  failAnswer: (what: string): Reference => ({
    section: 'RFC 7692 §7',
    quote: `A client MUST _Fail the WebSocket Connection_ if the peer server accepted an extension negotiation offer for this extension with an extension negotiation response meeting any of the following conditions: … ${what}`,
  }),
  serverNoContextTakeover: {
    section: 'RFC 7692 §7.1.1.1',
    quote:
      'A server accepts an extension negotiation offer that includes the "server_no_context_takeover" extension parameter by including the "server_no_context_takeover" extension parameter in the corresponding extension negotiation response to send back to the client.',
  },
  serverNoContextTakeoverUnasked: {
    section: 'RFC 7692 §7.1.1.1',
    quote:
      'A server MAY include the "server_no_context_takeover" extension parameter in an extension negotiation response even if the extension negotiation offer being accepted by the extension negotiation response didn\'t include the "server_no_context_takeover" extension parameter.',
  },
  clientNoContextTakeover: {
    section: 'RFC 7692 §7.1.1.2',
    quote:
      'By including the "client_no_context_takeover" extension parameter in an extension negotiation response, a server prevents the peer client from using context takeover.',
  },
  clientNoContextTakeoverHint: {
    section: 'RFC 7692 §7.1.1.2',
    quote:
      'If the received extension negotiation offer includes the "client_no_context_takeover" extension parameter, the server may either ignore the parameter or use the parameter to avoid taking over the LZ77 sliding window unnecessarily by including the "client_no_context_takeover" extension parameter in the corresponding extension negotiation response to the offer.',
  },
  serverWindow: {
    section: 'RFC 7692 §7.1.2.1',
    quote:
      'A server accepts an extension negotiation offer with this parameter by including the "server_max_window_bits" extension parameter in the extension negotiation response to send back to the client with the same or smaller value as the offer.',
  },
  serverWindowUnasked: {
    section: 'RFC 7692 §7.1.2.1',
    quote:
      'A server MAY include the "server_max_window_bits" extension parameter in an extension negotiation response even if the extension negotiation offer being accepted by the response didn\'t include the "server_max_window_bits" extension parameter.',
  },
  serverWindowValue: {
    section: 'RFC 7692 §7.1.2.1',
    quote:
      'This parameter has a decimal integer value without leading zeroes between 8 to 15, inclusive, indicating the base-2 logarithm of the LZ77 sliding window size, and MUST conform to the ABNF below.',
  },
  clientWindowValue: {
    section: 'RFC 7692 §7.1.2.2',
    quote:
      'This parameter has no value or a decimal integer value without leading zeroes between 8 to 15 inclusive indicating the base-2 logarithm of the LZ77 sliding window size.',
  },
  clientWindow: {
    section: 'RFC 7692 §7.1.2.2',
    quote:
      'By including this extension parameter in an extension negotiation response, a server limits the LZ77 sliding window size that the client uses to compress messages.',
  },
  clientWindowHint: {
    section: 'RFC 7692 §7.1.2.2',
    quote:
      'If the "client_max_window_bits" extension parameter in a received extension negotiation offer has a value, the server may either ignore this value or use this value to avoid allocating an unnecessarily big LZ77 sliding window by including the "client_max_window_bits" extension parameter in the corresponding extension negotiation response to the offer with a value equal to or smaller than the received value.',
  },
  clientWindowNotOffered: {
    section: 'RFC 7692 §7.1.2.2',
    quote:
      'If a received extension negotiation offer doesn\'t have the "client_max_window_bits" extension parameter, the corresponding extension negotiation response to the offer MUST NOT include the "client_max_window_bits" extension parameter.',
  },
  severalOffers: {
    section: 'RFC 7692 §5',
    quote:
      "The order of elements is important as it specifies the client's preference. An element preceding another element has higher preference. It is recommended that a server accepts PMCEs with higher preference if the server supports them.",
  },
  quoted: {
    section: 'RFC 6455 §9.1',
    quote:
      "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to the 'token' ABNF.",
  },
  severalLines: {
    section: 'RFC 6455 §9.1',
    quote: 'Note that like other HTTP header fields, this header field MAY be split or combined across multiple lines.',
  },
  onlyRequested: { section: 'RFC 6455 §4.2.2', quote: 'Extensions not listed by the client MUST NOT be listed.' },
  sameBit: {
    section: 'RFC 7692 §5',
    quote:
      'A server MUST NOT accept a PMCE extension negotiation offer together with another extension if the PMCE will conflict with the extension on their use of the RSV1 bit. A client that received a response accepting a PMCE extension negotiation offer together with such an extension MUST _Fail the WebSocket Connection_.',
  },
  inUse: {
    section: 'RFC 6455 §9.1',
    quote:
      'The extensions listed by the server in response represent the extensions actually in use for the connection.',
  },
  notRequested: {
    section: 'RFC 6455 §4.1',
    quote:
      "If the response includes a |Sec-WebSocket-Extensions| header field and this header field indicates the use of an extension that was not present in the client's handshake (the server has indicated an extension not requested by the client), the client MUST _Fail the WebSocket Connection_.",
  },
  grammar: { section: 'RFC 6455 §9.1', quote: 'extension = extension-token *( ";" extension-param )' },
  bitOfFirstFrame: {
    section: 'RFC 7692 §6.1',
    quote:
      'An endpoint MUST NOT set the "Per-Message Compressed" bit of control frames and non-first fragments of a data message. An endpoint receiving such a frame MUST _Fail the WebSocket Connection_.',
  },
  controlBetweenFragments: {
    section: 'RFC 6455 §5.4',
    quote: 'An endpoint MUST be capable of handling control frames in the middle of a fragmented message.',
  },
  bitSaysCompressed: {
    section: 'RFC 7692 §6',
    quote:
      'On a WebSocket connection where a PMCE is in use, this bit indicates whether a message is compressed or not.',
  },
  reservedBits: {
    section: 'RFC 6455 §5.2',
    quote:
      'If a nonzero value is received and none of the negotiated extensions defines the meaning of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_.',
  },
  fragments: {
    section: 'RFC 7692 §7.2.1',
    quote: 'An endpoint fragments a compressed message by splitting the result of running this algorithm.',
  },
  blockTypes: { section: 'RFC 7692 §7.2.1', quote: 'An endpoint MAY use DEFLATE blocks of any type.' },
  severalBlocks: {
    section: 'RFC 7692 §7.2.1',
    quote: 'An endpoint MAY use multiple DEFLATE blocks to compress one message.',
  },
  finalBlocks: {
    section: 'RFC 7692 §7.2.1',
    quote:
      'An endpoint MAY use both DEFLATE blocks with the "BFINAL" bit set to 0 and DEFLATE blocks with the "BFINAL" bit set to 1.',
  },
  padding: {
    section: 'RFC 7692 §7.2.1',
    quote:
      'When any DEFLATE block with the "BFINAL" bit set to 1 doesn\'t end at a byte boundary, an endpoint MUST add minimal padding bits of 0 to make it end at a byte boundary. The next DEFLATE block follows the padded data if any.',
  },
  tail: {
    section: 'RFC 7692 §7.2.2',
    quote: 'Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message.',
  },
  decompress: { section: 'RFC 7692 §7.2.2', quote: 'Decompress the resulting data using DEFLATE.' },
  emptyBlockAtEnd: {
    section: 'RFC 7692 §7.2.1',
    quote:
      'If the resulting data does not end with an empty DEFLATE block with no compression (the "BTYPE" bits are set to 00), append an empty DEFLATE block with no compression to the tail end.',
  },
  takeover: (side: Side): Reference =>
    side === 'server'
      ? {
          section: 'RFC 7692 §7.2.2',
          quote:
            'Otherwise, the server MUST decompress each new message using the LZ77 sliding window used to process the last compressed message.',
        }
      : {
          section: 'RFC 7692 §7.2.2',
          quote:
            'Otherwise, the client MUST decompress each new message using the LZ77 sliding window used to process the last compressed message.',
        },
  noTakeover: (side: Side): Reference =>
    side === 'server'
      ? {
          section: 'RFC 7692 §7.2.2',
          quote:
            'If the "agreed parameters" contain the "client_no_context_takeover" extension parameter, the server MAY decompress each new message with an empty LZ77 sliding window.',
        }
      : {
          section: 'RFC 7692 §7.2.2',
          quote:
            'If the "agreed parameters" contain the "server_no_context_takeover" extension parameter, the client MAY decompress each new message with an empty LZ77 sliding window.',
        },
  constraints: {
    section: 'RFC 7692 §6.1',
    quote:
      'At the receiver, the payload data portion after decompression is subject to the constraints for the original data type again.',
  },
  reservedBlock: { section: 'RFC 1951 §3.2.3', quote: '11 - reserved (error)' },
  storedLength: {
    section: 'RFC 1951 §3.2.4',
    quote: "LEN is the number of data bytes in the block. NLEN is the one's complement of LEN.",
  },
  distance: {
    section: 'RFC 1951 §3.2.3',
    quote: 'However a distance cannot refer past the beginning of the output stream.',
  },
  lengthCodes: {
    section: 'RFC 1951 §3.2.6',
    quote:
      'Literal/length values 286-287 will never actually occur in the compressed data, but participate in the code construction.',
  },
  distanceCodes: {
    section: 'RFC 1951 §3.2.6',
    quote: 'Note that distance codes 30-31 will never actually occur in the compressed data.',
  },
  dynamicCodes: {
    section: 'RFC 1951 §3.2.7',
    quote:
      'The Huffman codes for the two alphabets appear in the block immediately after the header bits and before the actual compressed data, first the literal/length code and then the distance code.',
  },
  limits: {
    section: 'RFC 6455 §10.4',
    quote:
      'Implementations that have implementation- and/or platform-specific limitations regarding the frame size or total message size after reassembly from multiple frames MUST protect themselves against exceeding those limits.',
  },
} as const
