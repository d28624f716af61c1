/** Tests which texts are an HTTP version. The tests of the two parsers cover the rest of the file. */

import { expect, it } from 'vitest'
import { findVersionError } from '../../src/http/head-reader.ts'

it('accepts every HTTP/1.x, and rejects every other major version with 505', () => {
  for (let major = 0; major < 10; major++)
    for (let minor = 0; minor < 10; minor++)
      expect(findVersionError(`HTTP/${major}.${minor}`)?.status).toBe(major === 1 ? undefined : 505)
})
it.each(['', 'HTTP/1.1.', 'HTTP/1.1\n', '\nHTTP/1.', 'http/1.1', 'HTTP/1:1', 'HTTP/1.a', 'HTTP/\u0661.1', 'ICAP/1.0'])(
  'rejects the version %j',
  (text) => {
    const error = findVersionError(text)
    expect(error).toMatchObject({ reference: 'RFC 9112 §2.3' })
    expect(error?.status).toBeUndefined()
  },
)
