/** Results as JUnit XML. */

import { expect, test } from 'vitest'
import { formatJunit } from '../../../src/cli/output/junit.ts'
import { bad, mixed, report, result } from './fixtures.ts'

test('writes a suite for each section, with the counts that CI shows', () => {
  const lines = formatJunit([mixed]).split('\n')
  expect(lines.filter((line) => /<(\/?testsuite|\?xml)/.test(line))).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="websocket-primitives" tests="6" failures="1" errors="1" skipped="1" time="0.018">',
    '  <testsuite name="ws 8.23.0 server/handshake" tests="2" failures="1" errors="0" skipped="0" time="0.006">',
    '  </testsuite>',
    '  <testsuite name="ws 8.23.0 server/framing" tests="2" failures="0" errors="0" skipped="0" time="0.006">',
    '  </testsuite>',
    '  <testsuite name="ws 8.23.0 server/deflate" tests="2" failures="0" errors="1" skipped="1" time="0.006">',
    '  </testsuite>',
    '</testsuites>',
  ])
  const suite = 'classname="ws 8.23.0 server'
  expect(lines.filter((line) => line.includes('<testcase'))).toEqual([
    `    <testcase ${suite}/handshake" name="server/handshake/sound" time="0.003"/>`,
    `    <testcase ${suite}/handshake" name="server/handshake/http-1.0" time="0.003"><failure type="must" message="It answered 101 to HTTP/1.0.">FAIL server/handshake/http-1.0 (must)`,
    `    <testcase ${suite}/framing" name="server/framing/opcode-3" time="0.003"><system-out>WARN server/framing/opcode-3 (should)`,
    `    <testcase ${suite}/framing" name="server/framing/limit" time="0.003"><system-out>INFO It accepts 16 MiB.</system-out></testcase>`,
    `    <testcase ${suite}/deflate" name="server/deflate/offer" time="0.003"><skipped message="It does not agree on permessage-deflate."/></testcase>`,
    `    <testcase ${suite}/deflate" name="server/deflate/other" time="0.003"><error type="must" message="connect ECONNREFUSED">ERROR server/deflate/other (must)`,
  ])
})

test("keeps a peer's text as text", () => {
  const xml = formatJunit([report([bad], '"><x/>')])
  expect(xml).toContain('name="&quot;&gt;&lt;x/&gt; 8.23.0 server/framing"')
  expect(xml).toContain(
    'message="It sent &lt;img src=x onerror=alert(1)&gt; ]]&gt; &lt;/script&gt; ``` | &amp; &quot;q&quot;',
  )
  expect(xml).not.toMatch(/[^\P{C}\n]/u)
  expect(xml.match(/<\/?[a-z]+/g)).toEqual(formatJunit([report([{ ...bad, reason: '' }])]).match(/<\/?[a-z]+/g))
})

test('passes an expected failure, and fails an expected failure that passes now', () => {
  const xml = formatJunit([report([result(), result({ id: 'server/a/b', verdict: 'fail', reason: 'known' })])], {
    problem: ({ verdict }) => (verdict === 'pass' ? 'It passes, but a failure is expected.' : undefined),
  })
  expect(xml).toContain('<testsuites name="websocket-primitives" tests="2" failures="1" errors="0" skipped="0"')
  expect(xml).toContain(
    '<failure type="must" message="It passes, but a failure is expected.">PASS server/framing/opcode-3',
  )
  expect(xml).toContain('name="server/a/b" time="0.003"><system-out>FAIL server/a/b (must)')
})
