/** Faults of heads that a server and a client can both have (RFC 9110 §5, RFC 9112 §2–5). */

import { both, type FaultEntry } from './fault-entry.ts'

export const headFaults = {
  'bare-cr-ends-line': { does: 'It treats CR as the end of a line.', named: both('fields/bare-cr-for-line-end') },
  'bad-field-lines-dropped': {
    does: 'It ignores lines that are not fields.',
    named: ['server/fields/space-before-colon'],
  },
  'values-cut-at-nul': {
    does: 'It treats a line as a string that ends with NUL.',
    named: both('fields/nul-in-upgrade'),
  },
  'space-before-colon': {
    does: 'It accepts white space before the colon.',
    named: ['server/fields/key-space-before-colon'],
  },
  'names-of-any-characters': {
    does: 'It accepts any characters in names.',
    named: ['server/fields/space-before-colon'],
  },
  'underscores-as-hyphens': { does: 'It treats `_` in names as `-`.', named: both('fields/underscores') },
  'names-case-sensitive': {
    does: 'It compares names with their case.',
    named: ['server/fields/upper-case-names', 'client/fields/lower-case-names'],
  },
  'bytes-after-head-lost': {
    does: 'It drops bytes that arrive with the head.',
    named: ['client/bytes/text-after-head'],
  },
  'head-in-one-chunk': { does: 'It requires the whole head in one chunk.', named: both('bytes/one-by-one') },
  'one-space-wanted': {
    does: 'It requires one space after the colon of a field, and no other white space around a value.',
    named: ['server/fields/many-spaces', 'client/fields/no-space-after-colon'],
  },
  'empty-value-refused': { does: 'It refuses empty values.', named: ['server/fields/empty-value'] },
  'values-of-ascii-only': {
    does: 'It refuses characters above 0x7F in values.',
    named: ['server/fields/not-ascii-value'],
    verdict: 'warn',
  },
  'fields-by-object': {
    does: 'It keeps fields in an object, where `constructor` is already.',
    named: ['server/fields/prototype-names'],
  },
  'end-in-head-ignored': {
    does: 'It keeps the connection when it ends within the head.',
    named: both('bytes/end-in-fields'),
    verdict: 'warn',
  },
  'head-without-limit': { does: 'It accepts a head of any size.', named: both('fields/200-kb'), verdict: 'info' },
  'line-ends-of-lf': { does: 'Its lines end with LF.', named: ['server/response/opens', 'client/request/line'] },
  'upgrade-unchecked': { does: 'It does not check `Upgrade`.', named: both('upgrade/other-protocol') },
  'upgrade-missing-taken': { does: 'It accepts a head without `Upgrade`.', named: both('upgrade/empty') },
  'upgrade-within': { does: 'It looks for `websocket` anywhere in `Upgrade`.', named: both('upgrade/longer-name') },
  'upgrade-exact': {
    does: 'It accepts only `websocket` in `Upgrade`.',
    named: ['server/upgrade/empty-element-before'],
    verdict: 'warn',
  },
  'upgrade-first-line': {
    does: 'It reads the first line of `Upgrade`.',
    named: ['server/upgrade/in-second-line'],
    verdict: 'warn',
  },
  'upgrade-case-sensitive': { does: 'It compares `Upgrade` with its case.', named: both('upgrade/capitals') },
  'upgrade-folded-by-unicode': {
    does: 'It compares `Upgrade` by the rules of Unicode.',
    named: both('upgrade/kelvin-sign'),
  },
  'connection-unchecked': { does: 'It does not check `Connection`.', named: both('connection/keep-alive') },
  'connection-missing-taken': { does: 'It accepts a head without `Connection`.', named: both('connection/empty') },
  'connection-within': {
    does: 'It looks for `upgrade` anywhere in `Connection`.',
    named: both('connection/longer-token'),
  },
  'connection-exact': { does: 'It accepts only `upgrade` in `Connection`.', named: both('connection/no-space') },
  'connection-first-line': { does: 'It reads the first line of `Connection`.', named: ['server/connection/two-lines'] },
  'connection-case-sensitive': { does: 'It compares `Connection` with its case.', named: both('connection/capitals') },
} as const satisfies Readonly<Record<string, FaultEntry>>
