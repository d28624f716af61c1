/** The example with a custom extension: its offers, the agreement and its messages. Runs on the built package. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { examplePath, patient } from '../peers/support.ts'

vi.setConfig(patient)

test('agrees on the second of its offers, and sends a message with RSV2', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [examplePath('extension.mjs')])
  expect(stderr).toBe('')
  expect(stdout.replace(/masked [0-9a-f]{8}/, 'masked')).toBe(
    [
      'offered: x-checksum; modulus=251, x-checksum; modulus=127',
      'agreed:  [{"name":"x-checksum","params":{"modulus":127}}]',
      'frame:   binary, fin, rsv2, masked, 4 bytes',
      'data:    1 2 250',
      '',
    ].join('\n'),
  )
})
