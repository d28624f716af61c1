/** Faults of permessage-deflate and the field that agrees on it (RFC 6455 §9, RFC 7692). */

import { both, type FaultEntry } from './fault-entry.ts'

export const deflateFaults = {
  'rsv1-on-continuation': {
    does: 'It accepts RSV1 on continuations.',
    named: both('deflate-faults/rsv1-on-continuation'),
  },
  'rsv1-on-control': { does: 'It accepts RSV1 on control frames.', named: both('deflate-faults/rsv1-on-ping') },
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
    does: 'It does not append the four bytes that a sender removes.',
    named: both('deflate-messages/fixed-block'),
  },
  'inflate-truncated': {
    does: 'It accepts data that ends within a block.',
    named: both('deflate-faults/truncated-before-end-of-block'),
    verdict: 'warn',
  },
  'inflate-context-dropped': {
    does: 'It forgets the contents of earlier messages.',
    named: both('deflate-messages/takeover'),
  },
  'inflate-fault-ignored': {
    does: 'It treats data that cannot be inflated as an empty message.',
    named: both('deflate-faults/binary-fault'),
  },
  'inflated-text-unchecked': {
    does: 'It accepts any bytes in a compressed text.',
    named: both('deflate-faults/utf-8-ff'),
  },
  'uncompressed-in-context': {
    does: 'It keeps uncompressed messages for later references.',
    named: both('deflate-faults/reference-into-uncompressed-message'),
  },
  'final-block-ends-message': {
    does: 'It drops data after a final block.',
    named: both('deflate-messages/final-block-first'),
  },
  'final-block-refused': { does: 'It refuses data after a final block.', named: both('deflate-messages/final-block') },
  'final-block-drops-context': {
    does: 'It forgets everything before a final block.',
    named: both('deflate-messages/takeover-after-final-block'),
    verdict: 'warn',
  },
  'deflate-context-kept': {
    does: 'It refers to earlier messages although it must not.',
    named: both('deflate-messages/ten-of-1024-bytes-no-takeover'),
  },
  'deflate-window-32k': {
    does: 'It refers further back than agreed on.',
    named: ['server/deflate-offers/server-max-window-bits-9', 'client/deflate-answers/client-max-window-bits-9'],
  },
  'deflate-cut-too-short': {
    does: 'It removes five bytes from the end of compressed data.',
    named: both('deflate-messages/fixed-block'),
  },
  'extension-not-offered': {
    does: 'It answers permessage-deflate although it was not offered.',
    named: ['server/response/no-extensions', 'server/deflate-offers/not-offered'],
  },
  'extension-answered-twice': {
    does: 'It accepts several answers to one offer.',
    named: ['client/deflate-answers/twice'],
  },
  'extension-not-offered-taken': {
    does: 'It ignores extensions that it has not offered.',
    named: ['client/extensions/not-offered'],
  },
  'extension-by-object': {
    does: 'It looks extensions up in an object, where `constructor` is.',
    history: 'It ended processes with `ws` before 3.3.1.',
    named: ['server/extensions/prototype-names'],
  },
  'extensions-of-first-line': {
    does: 'It reads the first of several lines.',
    named: ['client/deflate-answers/twice-on-two-lines'],
  },
  'malformed-extensions-dropped': {
    does: 'It ignores parts that break the grammar of the field.',
    named: ['client/extensions/comma'],
  },
  'quotes-kept': {
    does: 'It does not remove quotes.',
    named: ['server/extensions/quoted-comma', 'client/deflate-answers/client-window-quoted'],
    verdict: 'warn',
  },
  'deflate-name-within': {
    does: 'It accepts each extension with `deflate` in its name.',
    named: [
      'server/deflate-offers/other-name-xpermessage-deflate',
      'client/deflate-answers/other-name-permessage-deflate-x',
    ],
  },
  'deflate-name-unchecked': {
    does: 'It treats each extension as permessage-deflate.',
    named: ['server/deflate-offers/other-name-permessage-bzip2'],
  },
  'window-unchecked': {
    does: 'It accepts any value of a window.',
    named: ['server/deflate-offers/server-max-window-bits-word', 'client/deflate-answers/client-max-window-bits-0'],
  },
  'deflate-parameter-twice': {
    does: 'It accepts a parameter twice.',
    named: [
      'server/deflate-offers/client-max-window-bits-twice-with-other-values',
      'client/deflate-answers/client-max-window-bits-twice',
    ],
  },
  'deflate-parameter-unknown': {
    does: 'It accepts unknown parameters.',
    named: ['server/deflate-offers/unknown-max-window-bits-15', 'client/deflate-answers/unknown-after-known'],
  },
  'takeover-with-value': {
    does: 'It accepts values for parameters that have none.',
    named: [
      'server/deflate-offers/client-no-context-takeover-with-quoted-15',
      'client/deflate-answers/client-no-context-takeover-with-0',
    ],
  },
  'window-without-value': {
    does: 'It accepts a window without a value.',
    named: [
      'server/deflate-offers/server-max-window-bits-without-value',
      'client/deflate-answers/client-max-window-bits-without-value',
    ],
  },
  'window-out-of-range': {
    does: 'It accepts windows below 8 and above 15.',
    named: ['server/deflate-offers/client-max-window-bits-16', 'client/deflate-answers/client-max-window-bits-16'],
  },
  'window-of-8-bits': {
    does: 'It reads windows as numbers of eight bits.',
    named: ['server/deflate-offers/server-max-window-bits-266', 'client/deflate-answers/client-max-window-bits-266'],
  },
  'window-leading-zero': {
    does: 'It accepts windows with a leading zero.',
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
    does: 'It checks the first offer only.',
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
    does: 'It answers `server_max_window_bits=15` to any offer.',
    named: ['server/deflate-offers/server-max-window-bits-8'],
  },
  'client-window-not-offered': {
    does: 'It answers `client_max_window_bits` although it was not offered.',
    named: ['server/deflate-offers/plain'],
  },
  'client-window-not-offered-taken': {
    does: 'It accepts `client_max_window_bits` although it did not offer it.',
    named: ['client/deflate-answers/client-window-not-offered'],
  },
  'demands-unchecked': {
    does: 'It demands small windows, and accepts any answer.',
    named: [
      'client/deflate-answers/client-window-larger-than-offered',
      'client/deflate-answers/server-window-larger-than-offered',
      'client/deflate-answers/demands-ignored',
    ],
  },
  'deflate-answer-unknown': { does: 'It answers an unknown parameter.', named: ['server/deflate-offers/plain'] },
  'deflate-answered-twice': { does: 'It answers the extension twice.', named: ['server/deflate-offers/plain'] },
} as const satisfies Readonly<Record<string, FaultEntry>>
