/** The example that compresses asynchronously, with the runtime's own streams. Runs on the built package. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { examplePath, patient } from '../peers/support.ts'

vi.setConfig(patient)

test('decodes messages in the order in which they arrive', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [examplePath('asynchronous-deflate.mjs')])
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^\d{2} bytes for 600\n\d{2} bytes for 700\nshort\n$/)
})
