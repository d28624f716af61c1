/** The pages of cases: their contents, and that their links lead somewhere. */

import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { type AgentResults, formatPages } from '../../docs/cases/pages.ts'
import { clientCases, serverCases } from '../../src/cases/all.ts'
import type { Case } from '../../src/testing/case.ts'
import { share } from '../share.ts'

const one: Case = {
  id: 'server/framing/opcode-3',
  since: '0.1.0',
  title: 'A frame <b>',
  why: 'Because of "this".',
  level: 'must',
  references: [{ section: 'RFC 6455 §5.2', quote: 'If an unknown opcode & more' }],
  side: 'server',
  carriers: ['http/1.1'],
  needs: [],
  steps: [{ do: 'send', pieces: [{ frame: { opcode: 3 } }] }],
  outcomes: [{ verdict: 'pass', reason: 'It failed.', when: { close: 1002 } }],
}
const agents: readonly AgentResults[] = [
  { side: 'server', agent: { name: 'sound', version: '1.0' }, cases: {} },
  {
    side: 'server',
    agent: { name: 'bad', version: '2.0' },
    cases: {
      [one.id]: {
        verdict: 'fail',
        reason: 'It sent <script>.',
        ending: { how: 'dropped', by: 'agent' },
      },
    },
  },
  { side: 'client', agent: { name: 'a client', version: '3.0' }, cases: {} },
]

test('a page has the steps, the rule, the outcomes, and the agents of its side', () => {
  const pages = formatPages([one], agents)
  expect([...pages.keys()]).toEqual(['index.html', 'server/framing/opcode-3.html'])
  const page = pages.get('server/framing/opcode-3.html') ?? ''
  for (const part of [
    '<h1>A frame &lt;b&gt;</h1>',
    '<p>Because of &quot;this&quot;.</p>',
    '<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455 §5.2</a></p><blockquote>If an unknown opcode &amp; more</blockquote>',
    '<li>The suite sends 1 frame.<pre>reserved opcode 3, fin, masked 37fa213d, 0 bytes\n83 80 37 fa 21 3d</pre></li>',
    'It failed.<br><span class="muted">If there is: a Close with 1002.</span>',
    '<tr><td>sound 1.0</td><td><span class="badge pass">pass</span></td><td></td></tr>',
    '<tr><td>bad 2.0</td><td><span class="badge fail">fail</span></td><td>It sent &lt;script&gt;.<br>',
  ])
    expect(page).toContain(part)
  expect(page).not.toContain('a client')
  expect(pages.get('index.html')).toContain('<span class="badge fail">bad 2.0</span>')
  expect(pages.get('index.html')).not.toContain('sound 1.0')
})

test('stored results are results over HTTP/1.1: a case for HTTP/2 only has none', () => {
  const page = formatPages([{ ...one, carriers: ['http/2'] }], agents).get('server/framing/opcode-3.html')
  expect(page).not.toContain('How agents answer')
})

test('each case has a page, and each link leads to one', () => {
  const cases = share([...serverCases, ...clientCases], 10)
  const pages = formatPages(cases, agents)
  expect(pages.size).toBe(cases.length + 1)
  for (const [path, text] of pages)
    for (const [, link = ''] of text.matchAll(/href="([^"]+)"/g)) {
      if (link.startsWith('https://www.rfc-editor.org/rfc/rfc')) continue
      if (link.startsWith('#')) {
        expect(text).toContain(`id="${link.slice(1)}"`)
        continue
      }
      const target = posix.join(posix.dirname(path), link)
      expect(target === '../index.html' || pages.has(target), `${path}: ${link}`).toBe(true)
    }
})
