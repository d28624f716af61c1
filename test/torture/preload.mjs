/** Loaded by Deno and Bun before a program, which then runs as it stands. */

import { answerBench, scaleClock } from './clock.mjs'

scaleClock(Number(process.env.SPEED))
answerBench()
