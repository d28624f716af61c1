/** Results as Markdown. */

import { expect, test } from 'vitest'
import { formatMarkdown } from '../../../src/cli/output/markdown.ts'
import { bad, mixed, report, result } from './fixtures.ts'

test('writes a table of the sections, then problems, then the rest', () => {
  const lines = formatMarkdown([mixed]).split('\n')
  expect(lines.slice(0, 9)).toEqual([
    '## ws 8.23.0 as a server: 2 problems',
    '',
    '6 cases of websocket-primitives 0.1.0, seed 7: 1 fail, 1 error, 1 warn, 1 info, 1 skip, 1 pass; 1.2 s.',
    '',
    '| section | fail | error | warn | info | skip | pass |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| handshake | 1 |  |  |  |  | 1 |',
    '| framing |  |  | 1 | 1 |  |  |',
    '| deflate |  | 1 |  |  | 1 |  |',
  ])
  expect(lines.filter((line) => /^(#|- |\*\*)/.test(line))).toEqual([
    '## ws 8.23.0 as a server: 2 problems',
    '### Problems',
    '**fail** server/handshake/http-1.0: It answered 101 to HTTP/1.0.',
    '**error** server/deflate/other: connect ECONNREFUSED',
    '### Warnings, information, expected failures',
    '**warn** server/framing/opcode-3: It sent no Close.',
    '- **info** server/framing/limit: It accepts 16 MiB.',
    '### Skipped',
    '- 1 case: It does not agree on permessage-deflate.',
  ])
})

test("keeps a peer's text as text, which cannot end the block of a transcript", () => {
  const markdown = formatMarkdown([report([bad])])
  expect(markdown).toContain('It sent \\<img src=x onerror=alert(1)\\> \\]\\]\\> \\</script\\> \\`\\`\\` \\| \\& "q"')
  const block = markdown.split('\n````\n')
  expect(block).toHaveLength(3)
  expect(block[1]).toContain('</script> ``` |')
})

test('stays below the size that GitHub accepts with a thousand failures', () => {
  const transcript = Array(50).fill({ ...bad.transcript[0], notes: Array(12).fill('x'.repeat(100)) })
  const markdown = formatMarkdown([report(Array(1000).fill(result({ verdict: 'fail', transcript })))])
  expect(markdown.match(/^<details>/gm)).toHaveLength(50)
  expect(markdown.match(/\*\*fail\*\*/g)).toHaveLength(1000)
  expect(markdown.length).toBeLessThan(1024 * 1024)
})
