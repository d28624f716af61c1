/** Faults of permessage-deflate and the field that agrees on it (RFC 6455 §9, RFC 7692). */

import { both, type FaultEntry } from './fault-entry.ts'

export const deflateFaults = {
  'rsv1-on-continuation': {
    does: 'It takes RSV1 on continuations.',
    named: both('deflate-faults/rsv1-on-continuation'),
  },
  'rsv1-on-control': { does: 'It takes RSV1 on control frames.', named: both('deflate-faults/rsv1-on-ping') },
  'rsv1-ignored': {
    does: 'It inflates all messages.',
    named: both('deflate-messages/uncompressed'),
  },
  'compressed-without-rsv1': {
    does: 'It does not mark compressed messages.',
    named: both('deflate-messages/fixed-block'),
  },
  'inflated-by-frame': {
    does: 'It inflates each frame on its own.',
    named: both('deflate-messages/two-frames'),
  },
  'inflate-without-tail': {
    does: 'It does not append the four bytes that a sender takes away.',
    named: both('deflate-messages/fixed-block'),
  },
  'inflate-truncated': {
    does: 'It takes data that stops within a block.',
    named: both('deflate-faults/truncated-before-end-of-block'),
    verdict: 'warn',
  },
  'inflate-context-dropped': {
    does: 'It forgets what earlier messages held.',
    named: both('deflate-messages/takeover'),
  },
  'inflate-fault-ignored': {
    does: 'It takes what cannot be inflated for an empty message.',
    named: both('deflate-faults/binary-fault'),
  },
  'inflated-text-unchecked': {
    does: 'It takes any bytes in a compressed text.',
    named: both('deflate-faults/utf-8-ff'),
  },
  'uncompressed-in-context': {
    does: 'It keeps uncompressed messages for later references.',
    named: both('deflate-faults/reference-into-uncompressed-message'),
  },
  'final-block-ends-message': {
    does: 'It drops what follows a final block.',
    named: both('deflate-messages/final-block-first'),
  },
  'final-block-refused': { does: 'It refuses data after a final block.', named: both('deflate-messages/final-block') },
  'final-block-drops-context': {
    does: 'It forgets all that was before a final block.',
    named: both('deflate-messages/takeover-after-final-block'),
    verdict: 'warn',
  },
  'deflate-context-kept': {
    does: 'It refers to earlier messages though it must not.',
    named: both('deflate-messages/ten-of-1024-bytes-no-takeover'),
  },
  'deflate-window-32k': {
    does: 'It refers further back than agreed on.',
    named: ['server/deflate-offers/server-max-window-bits-9', 'client/deflate-answers/client-max-window-bits-9'],
  },
  'deflate-cut-too-short': {
    does: 'It takes five bytes away from the end of compressed data.',
    named: both('deflate-messages/fixed-block'),
  },
  'extension-not-offered': {
    does: 'It answers permessage-deflate where nobody has offered it.',
    named: ['server/response/no-extensions', 'server/deflate-offers/not-offered'],
  },
  'extension-answered-twice': {
    does: 'It takes several answers to one offer.',
    named: ['client/deflate-answers/twice'],
  },
  'extension-not-offered-taken': {
    does: 'It ignores extensions that it has not offered.',
    named: ['client/extensions/not-offered'],
  },
  'extension-by-object': {
    does: 'It looks extensions up in an object, where `constructor` is.',
    history: 'A process with `ws` before 3.3.1 ended by that.',
    named: ['server/extensions/prototype-names'],
  },
  'extensions-of-first-line': {
    does: 'It reads the first of several lines.',
    named: ['client/deflate-answers/twice-on-two-lines'],
  },
  'malformed-extensions-dropped': {
    does: 'It leaves out what breaks the grammar of the field.',
    named: ['client/extensions/comma'],
  },
  'quotes-kept': {
    does: 'It does not take quotes away.',
    named: ['server/extensions/quoted-comma', 'client/deflate-answers/client-window-quoted'],
    verdict: 'warn',
  },
  'deflate-name-within': {
    does: 'It takes each extension with `deflate` in its name.',
    named: [
      'server/deflate-offers/other-name-xpermessage-deflate',
      'client/deflate-answers/other-name-permessage-deflate-x',
    ],
  },
  'deflate-name-unchecked': {
    does: 'It takes each extension for permessage-deflate.',
    named: ['server/deflate-offers/other-name-permessage-bzip2'],
  },
  'window-unchecked': {
    does: 'It takes any value of a window.',
    named: ['server/deflate-offers/server-max-window-bits-word', 'client/deflate-answers/client-max-window-bits-0'],
  },
  'deflate-parameter-twice': {
    does: 'It takes a parameter twice.',
    named: [
      'server/deflate-offers/client-max-window-bits-twice-with-other-values',
      'client/deflate-answers/client-max-window-bits-twice',
    ],
  },
  'deflate-parameter-unknown': {
    does: 'It takes unknown parameters.',
    named: ['server/deflate-offers/unknown-max-window-bits-15', 'client/deflate-answers/unknown-after-known'],
  },
  'takeover-with-value': {
    does: 'It takes values of parameters that have none.',
    named: [
      'server/deflate-offers/client-no-context-takeover-with-quoted-15',
      'client/deflate-answers/client-no-context-takeover-with-0',
    ],
  },
  'window-without-value': {
    does: 'It takes a window without a value.',
    named: [
      'server/deflate-offers/server-max-window-bits-without-value',
      'client/deflate-answers/client-max-window-bits-without-value',
    ],
  },
  'window-out-of-range': {
    does: 'It takes windows below 8 and above 15.',
    named: ['server/deflate-offers/client-max-window-bits-16', 'client/deflate-answers/client-max-window-bits-16'],
  },
  'window-of-8-bits': {
    does: 'It reads windows as numbers of eight bits.',
    named: ['server/deflate-offers/server-max-window-bits-266', 'client/deflate-answers/client-max-window-bits-266'],
  },
  'window-leading-zero': {
    does: 'It takes windows with a leading zero.',
    named: [
      'server/deflate-offers/server-max-window-bits-quoted-08',
      'client/deflate-answers/client-max-window-bits-015',
    ],
  },
  'window-not-decimal': {
    does: 'It reads windows as JavaScript reads numbers.',
    named: [
      'server/deflate-offers/client-max-window-bits-fraction',
      'client/deflate-answers/client-max-window-bits-fraction',
    ],
  },
  'first-offer-only': {
    does: 'It looks at the first offer only.',
    named: ['server/deflate-offers/fallback-after-repeated-parameter'],
    verdict: 'info',
  },
  'takeover-demand-ignored': {
    does: 'It does not answer `server_no_context_takeover`.',
    history: 'tornado does not.',
    named: ['server/deflate-offers/server-no-context-takeover'],
  },
  'window-demand-ignored': {
    does: 'It does not answer `server_max_window_bits`.',
    named: ['server/deflate-offers/server-max-window-bits-10'],
  },
  'window-answer-of-15': {
    does: 'It answers `server_max_window_bits=15` whatever was offered.',
    named: ['server/deflate-offers/server-max-window-bits-8'],
  },
  'client-window-not-offered': {
    does: 'It answers `client_max_window_bits` where nobody has offered it.',
    named: ['server/deflate-offers/plain'],
  },
  'client-window-not-offered-taken': {
    does: 'It takes `client_max_window_bits` though it has not offered it.',
    named: ['client/deflate-answers/client-window-not-offered'],
  },
  'demands-unchecked': {
    does: 'It demands small windows, and takes any answer.',
    named: [
      'client/deflate-answers/client-window-larger-than-offered',
      'client/deflate-answers/server-window-larger-than-offered',
      'client/deflate-answers/demands-ignored',
    ],
  },
  'deflate-answer-unknown': { does: 'It answers an unknown parameter.', named: ['server/deflate-offers/plain'] },
  'deflate-answered-twice': { does: 'It answers the extension twice.', named: ['server/deflate-offers/plain'] },
} as const satisfies Readonly<Record<string, FaultEntry>>
