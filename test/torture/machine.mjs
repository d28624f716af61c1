/**
 * Loaded by `--import` before a program, so that the program runs unchanged. On this machine time runs SPEED times as fast, every server
 * gets a free port of loopback, and every outgoing connection leads to PEER_PORT. The bench gets the ports, and the memory when it asks.
 *
 * @module
 */

import { createRequire, syncBuiltinESMExports } from 'node:module'
import { answerBench, scaleClock } from './clock.mjs'

const require = createRequire(import.meta.url)
const http = require('node:http')
const http2 = require('node:http2')
const https = require('node:https')
const net = require('node:net')
const timers = require('node:timers')
const timersPromises = require('node:timers/promises')

const speed = Number(process.env.SPEED ?? 1)
const peerPort = Number(process.env.PEER_PORT)

scaleClock(speed)
scaleTimers()
scaleSocketTimeouts()
scaleHttpTimeouts()
listenAnywhere()
if (peerPort > 0) connectToPeer()
syncBuiltinESMExports()
answerBench()

/** `node:timers` and `node:timers/promises` are separate modules. */
function scaleTimers() {
  for (const name of ['setTimeout', 'setInterval']) {
    timers[name] = globalThis[name]
    const promised = timersPromises[name]
    timersPromises[name] = (ms, ...rest) => promised(ms / speed, ...rest)
  }
}

/** The timeouts of `node:http` (keep-alive) and `node:tls` (handshake) also use this method. */
function scaleSocketTimeouts() {
  const { setTimeout } = net.Socket.prototype
  net.Socket.prototype.setTimeout = function (ms, callback) {
    return setTimeout.call(this, ms === 0 ? 0 : Math.max(1, Math.round(ms / speed)), callback)
  }
}

/** Node checks these with its own clock, once per `connectionsCheckingInterval`. */
function scaleHttpTimeouts() {
  const scale = (options) => ({
    ...options,
    headersTimeout: Math.round((options.headersTimeout ?? 60_000) / speed),
    requestTimeout: Math.round((options.requestTimeout ?? 300_000) / speed),
    connectionsCheckingInterval: Math.round((options.connectionsCheckingInterval ?? 30_000) / speed),
  })
  for (const [module, name] of [
    [http, 'createServer'],
    [https, 'createServer'],
    [http2, 'createServer'],
    [http2, 'createSecureServer'],
  ]) {
    const create = module[name]
    module[name] = (...args) => {
      const [options, listener] = typeof args[0] === 'object' && args[0] ? args : [{}, args[0]]
      const scaled = scale(options)
      const server = create(scaled, listener)
      if (module === http2) scaleHttp2Timeouts(server, scaled)
      return server
    }
  }
}

/** An HTTP/2 server sets the timeouts of its HTTP/1.1 side itself, and its sessions and streams have their own timers. */
function scaleHttp2Timeouts(server, { headersTimeout, requestTimeout }) {
  Object.assign(server, { headersTimeout, requestTimeout })
  const scale = (owner) => {
    const { setTimeout } = owner
    owner.setTimeout = (ms, callback) => setTimeout.call(owner, ms === 0 ? 0 : Math.max(1, ms / speed), callback)
  }
  scale(server)
  server.prependListener('session', scale)
  server.prependListener('stream', scale)
}

function listenAnywhere() {
  const { listen } = net.Server.prototype
  net.Server.prototype.listen = function (...args) {
    this.once('listening', () => process.connected && process.send({ port: this.address().port }))
    const callback = args.findLast((arg) => typeof arg === 'function')
    return listen.call(this, { port: 0, host: '127.0.0.1' }, callback)
  }
}

function connectToPeer() {
  const { connect } = net.Socket.prototype
  const peer = { port: peerPort, host: '127.0.0.1' }
  net.Socket.prototype.connect = function (...args) {
    // `net.connect` passes on an array of options and callback.
    if (Array.isArray(args[0])) args[0][0] = { ...args[0][0], ...peer }
    else if (typeof args[0] === 'object') args[0] = { ...args[0], ...peer }
    else args = [peer, args.findLast((arg) => typeof arg === 'function')]
    return connect.apply(this, args)
  }
}
