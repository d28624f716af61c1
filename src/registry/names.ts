/**
 * The extension and subprotocol names that IANA has registered for handshakes. Copied from
 * https://www.iana.org/assignments/websocket/websocket.xhtml as of 2026-06-10.
 *
 * @module
 */

import { freezeRows } from './rows.ts'

/** A registered name. */
export interface RegisteredName {
  /** Spelled as in the registry and on the wire. */
  readonly name: string
  /** The defining RFC, or the registry itself for entries without one. */
  readonly reference: string
}

type Row = readonly [name: string, reference: string]

/** A single pure call, so that bundlers can drop an unused table. */
function table(rows: readonly Row[]): readonly RegisteredName[] {
  return freezeRows(rows.map(([name, reference]) => ({ name, reference })))
}

/**
 * The WebSocket Extension Name Registry (RFC 6455 §11.4), in registry order.
 *
 * @see https://www.iana.org/assignments/websocket/websocket.xhtml#extension-name (as of 2026-06-10)
 *
 * @example
 * extensionNames.some(({ name }) => name === 'permessage-deflate') // true
 */
export const extensionNames: readonly RegisteredName[] = /* @__PURE__ */ table([
  ['permessage-deflate', 'RFC 7692'],
  ['bbf-usp-protocol', 'Broadband Forum'],
])

/**
 * The WebSocket Subprotocol Name Registry (RFC 6455 §11.5), in registry order. Some names are meant for WebRTC data channels, which
 * share it (RFC 8864).
 *
 * On the wire names are case-sensitive; the registry refuses a name that differs from an existing one only by case (RFC 7936 §2).
 * Registration is optional: `graphql-ws` and many others are not here.
 *
 * @see https://www.iana.org/assignments/websocket/websocket.xhtml#subprotocol-name (as of 2026-06-10)
 *
 * @example
 * subprotocolNames.find(({ name }) => name === 'xmpp')?.reference // 'RFC 7395'
 */
export const subprotocolNames: readonly RegisteredName[] = /* @__PURE__ */ table([
  ['MBWS.huawei.com', 'IANA'],
  ['MBLWS.huawei.com', 'IANA'],
  ['soap', 'IANA'],
  ['wamp', 'IANA'],
  ['v10.stomp', 'IANA'],
  ['v11.stomp', 'IANA'],
  ['v12.stomp', 'IANA'],
  ['ocpp1.2', 'IANA'],
  ['ocpp1.5', 'IANA'],
  ['ocpp1.6', 'IANA'],
  ['ocpp2.0', 'IANA'],
  ['ocpp2.0.1', 'IANA'],
  ['ocpp2.1', 'IANA'],
  ['rfb', 'RFC 6143'],
  ['sip', 'RFC 7118'],
  ['notificationchannel-netapi-rest.openmobilealliance.org', 'IANA'],
  ['wpcp', 'IANA'],
  ['amqp', 'IANA'],
  ['mqtt', 'IANA'],
  ['jsflow', 'IANA'],
  ['rwpcp', 'IANA'],
  ['xmpp', 'RFC 7395'],
  ['ship', 'IANA'],
  ['mielecloudconnect', 'IANA'],
  ['v10.pcp.sap.com', 'IANA'],
  ['msrp', 'RFC 7977, RFC 8873'],
  ['v1.saltyrtc.org', 'IANA'],
  ['TLCP-2.0.0.lightstreamer.com', 'IANA'],
  ['bfcp', 'RFC 8857'],
  ['sldp.softvelum.com', 'IANA'],
  ['opcua+uacp', 'IANA'],
  ['opcua+uajson', 'IANA'],
  ['v1.swindon-lattice+json', 'IANA'],
  ['v1.usp', 'IANA'],
  ['mles-websocket', 'IANA'],
  ['coap', 'RFC 8323'],
  ['TLCP-2.1.0.lightstreamer.com', 'IANA'],
  ['sqlnet.oracle.com', 'IANA'],
  ['oneM2M.R2.0.json', 'IANA'],
  ['oneM2M.R2.0.xml', 'IANA'],
  ['oneM2M.R2.0.cbor', 'IANA'],
  ['transit', 'IANA'],
  ['2016.serverpush.dash.mpeg.org', 'IANA'],
  ['2018.mmt.mpeg.org', 'IANA'],
  ['clue', 'RFC 8850'],
  ['webrtc.softvelum.com', 'IANA'],
  ['cobra.v2.json', 'IANA'],
  ['drp', 'IANA'],
  ['hub.bsc.bacnet.org', 'IANA'],
  ['dc.bsc.bacnet.org', 'IANA'],
  ['jmap', 'RFC 8887'],
  ['t140', 'RFC 8865'],
  ['done', 'IANA'],
  ['TLCP-2.2.0.lightstreamer.com', 'IANA'],
  ['collection-update', 'IANA'],
  ['TLCP-2.3.0.lightstreamer.com', 'IANA'],
  ['text.ircv3.net', 'IANA'],
  ['binary.ircv3.net', 'IANA'],
  ['v3.penguin-stats.live+proto', 'IANA'],
  ['TLCP-2.4.0.lightstreamer.com', 'IANA'],
  ['TLCP-2.5.0.lightstreamer.com', 'IANA'],
  ['Redfish', 'IANA'],
  ['bidib', 'IANA'],
  ['json.webpubsub.azure.v1', 'IANA'],
  ['protobuf.webpubsub.azure.v1', 'IANA'],
  ['json.reliable.webpubsub.azure.v1', 'IANA'],
  ['protobuf.reliable.webpubsub.azure.v1', 'IANA'],
  ['WebREPL.binary.v1', 'IANA'],
  ['camp', 'IANA'],
])
