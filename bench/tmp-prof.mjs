import { Duplex } from 'node:stream'
import { drive, Endpoint, native } from '../dist/adapters/node/index.js'
import { Connection, connectionOptions } from '../dist/index.js'
class Sink extends Duplex { _read(){} _write(c,e,cb){cb()} _writev(cs,cb){cb()} }
const endpoint=new Endpoint()
const role=process.argv[2]||'server'
const options = connectionOptions({ role, native, maxOutput: 262_144, keepalive: { interval: 3e4, timeout: 3e4 } })
const size=Number(process.argv[3]||125)
const msg=process.argv[4]==='text'?'x'.repeat(size):new Uint8Array(size)
const peers=Array.from({length:100},()=>drive(endpoint,new Sink(),new Connection(options)))
const turn=()=>new Promise(setImmediate)
let best=1e9
for(let r=0;r<Number(process.argv[5]||60);r++){const s=performance.now(); for(let t=0;t<400;t++){for(const p of peers)p.send(msg); await turn()} best=Math.min(best,(performance.now()-s)*1e6/400/100)}
console.log(role,size,typeof msg,best.toFixed(0))
endpoint.close(); process.exit()
