/** A program in CommonJS, whose imports become `require`. */

import { Connection, formatResponse } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'

import frame = require('websocket-primitives/frame')

const connection = new Connection({ role: 'server' })
connection.sendBinary(frame.encodeFrame({ opcode: frame.Opcode.Ping }))
export const names: readonly string[] = [zlib.name, connection.state, typeof formatResponse]
