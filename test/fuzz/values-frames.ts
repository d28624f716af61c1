/**
 * The functions of `frame`, `connection` and their counterparts for HTTP/2 and HTTP/3, as rows of {@link Step}: how each is called,
 * not what is right.
 *
 * @module
 */

import {
  Connection,
  type ConnectionEvent,
  prepareBinary,
  prepareText,
  sendPrepared,
} from '../../src/connection/index.ts'
import {
  decodeFrameHeader,
  describeFrame,
  encodeFrame,
  encodeFrameHeader,
  FrameDecoder,
  findFrameHeaderError,
  fitCloseReason,
  formatClosePayload,
  frameHeaderSize,
  isBrowserCloseCode,
  isSendableCloseCode,
  isValidCloseCode,
  parseClosePayload,
  relayCloseCode,
} from '../../src/frame/index.ts'
import { readStreamEnding, selectStreamEnding, verifyConnectSetting } from '../../src/http/index.ts'
import { type Exclusion, type Give, type Step, step } from './values.ts'

const limits = { maxMessageSize: 4096, maxFragments: 4, maxControlFrames: 3 }

function giveEvents(events: readonly ConnectionEvent[], give: Give): void {
  for (const event of events) {
    give('event', event)
    if (event.type === 'close') give('close event', event)
  }
}

/** The other side of a relay, at a message boundary. */
function other(): Connection {
  return new Connection({ role: 'client' })
}

export const frameSteps: readonly Step[] = [
  step(
    'decodeFrameHeader',
    'bytes of frames',
    ['frame header'],
    (bytes, give) => {
      const header = decodeFrameHeader(bytes)
      if (header !== undefined) give('frame header', header)
    },
    'refuses',
  ),
  step(
    'FrameDecoder',
    'bytes of frames',
    [],
    (bytes) => {
      const decoder = new FrameDecoder({ role: 'server', limits })
      decoder.push(bytes)
      while (decoder.next()) decoder.payload()
    },
    'refuses',
  ),
  step('Connection.receive, as a server', 'bytes of frames', ['event', 'close event'], (bytes, give) => {
    const connection = new Connection({ role: 'server', limits })
    giveEvents(connection.receive(bytes, 0), give)
    connection.takeOutput()
    giveEvents(connection.receiveEnd(), give)
  }),
  step('Connection.receive, as a client', 'bytes of frames', ['event', 'close event'], (bytes, give) => {
    const connection = new Connection({ role: 'client', limits })
    giveEvents(connection.receive(bytes), give)
    giveEvents(connection.receiveEnd(), give)
  }),
  step('a frame header again', 'frame header', [], (header) => {
    describeFrame(header)
    encodeFrameHeader(header, new Uint8Array(frameHeaderSize(header)), 0)
    encodeFrame(header)
    for (const role of ['client', 'server'] as const) findFrameHeaderError(header, { role, message: 'none' })
  }),
  step(
    'parseClosePayload',
    'bytes of a Close',
    ['close payload'],
    (payload, give) => give('close payload', parseClosePayload(payload)),
    'refuses',
  ),
  step('a close payload again', 'close payload', [], ({ code, reason }) => {
    formatClosePayload(relayCloseCode({ code }, 1011), reason)
    other().close(relayCloseCode({ code }, 1011), reason)
    isBrowserCloseCode(code)
    if (isValidCloseCode(code) !== (code !== 1005)) throw new Error('it has travelled')
    isSendableCloseCode(code, 'server')
    if (fitCloseReason(reason) !== reason) throw new Error('it has been cut')
  }),
  step('a close event', 'close event', [], (event) => {
    const code = relayCloseCode(event, 1014)
    // A reason requires a code.
    other().close(code, code === undefined ? undefined : event.reason)
    formatClosePayload(code, code === undefined ? undefined : event.reason)
    formatClosePayload(event.sentCode === 1005 ? undefined : event.sentCode)
    selectStreamEnding(event)
    selectStreamEnding(event, '3')
    JSON.stringify(event)
  }),
  step('an event on its way', 'event', [], (event) => {
    const next = other()
    if (event.type === 'text' || event.type === 'binary') {
      next.send(event)
      sendPrepared(next, event.type === 'text' ? prepareText(event.data) : prepareBinary(event.data))
    }
    if (event.type === 'ping') next.ping(event.data)
    if (event.type === 'pong') next.pong(event.data)
    next.takeOutput()
  }),
  step('readStreamEnding', 'error code of a stream', [], (code) => {
    readStreamEnding(code)
    readStreamEnding(code, '3')
  }),
  step('verifyConnectSetting', 'value of a setting', ['error'], (value, give) => {
    for (const httpVersion of ['2', '3'] as const)
      for (const previous of [false, true]) {
        const setting = verifyConnectSetting(value, { httpVersion, previous })
        if (!setting.ok) give('error', setting.error)
      }
  }),
]

export const frameExclusions: readonly Exclusion[] = [
  {
    name: 'Connection.close(event.code)',
    takes: 'close event',
    reason: '1005 and 1006 do not travel; relayCloseCode makes a code of each',
  },
]
