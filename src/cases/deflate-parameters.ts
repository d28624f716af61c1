/**
 * Wrong values of the parameters of permessage-deflate, the same for offers and answers.
 *
 * @module
 */

/** The two parameters without a value. */
export const FLAGS = ['server_no_context_takeover', 'client_no_context_takeover'] as const

/** The largest window. */
export const MAX = 15

/** The valid windows. */
export const WINDOWS: readonly number[] = [8, 9, 10, 11, 12, 13, 14, MAX]

interface BadValue {
  readonly slug: string
  /** The text after the equals sign. */
  readonly written: string
  readonly what: string
}

/** Invalid windows. Truncation turns the numbers beyond 2^8, 2^16, 2^32 and 2^64 into 10. */
export const badWindowValues: readonly BadValue[] = [
  { slug: '7', written: '7', what: 'too small' },
  { slug: '16', written: '16', what: 'too large' },
  { slug: '0', written: '0', what: 'too small' },
  { slug: '08', written: '08', what: 'a leading zero' },
  { slug: '015', written: '015', what: 'a leading zero' },
  { slug: 'plus-10', written: '+10', what: 'a sign' },
  { slug: 'minus-10', written: '-10', what: 'a sign' },
  { slug: 'hexadecimal', written: '0x0a', what: 'hexadecimal' },
  { slug: 'exponent', written: '1e1', what: 'an exponent' },
  { slug: 'fraction', written: '10.0', what: 'a fraction' },
  { slug: 'letter-after', written: '10a', what: 'a letter after the number' },
  { slug: 'word', written: 'ten', what: 'not a number' },
  { slug: 'quoted-16', written: '"16"', what: 'too large, in quotes' },
  { slug: 'quoted-08', written: '"08"', what: 'a leading zero, in quotes' },
  { slug: '266', written: '266', what: '10 in eight bits' },
  { slug: '65546', written: '65546', what: '10 in 16 bits' },
  { slug: '4294967306', written: '4294967306', what: '10 in 32 bits' },
  { slug: '18446744073709551626', written: '18446744073709551626', what: '10 in 64 bits' },
]

/** Values for parameters that have none. */
export const badFlagValues: readonly Omit<BadValue, 'what'>[] = [
  { slug: 'with-1', written: '1' },
  { slug: 'with-0', written: '0' },
  { slug: 'with-true', written: 'true' },
  { slug: 'with-quoted-15', written: '"15"' },
]

/** Parameters that appear twice. */
export const repeated: readonly BadValue[] = [
  ...FLAGS.map((param) => ({
    slug: `${param.replaceAll('_', '-')}-twice`,
    written: `${param}; ${param}`,
    what: `${param} twice`,
  })),
  ...(['server_max_window_bits', 'client_max_window_bits'] as const).flatMap((param) => [
    {
      slug: `${param.replaceAll('_', '-')}-twice`,
      written: `${param}=10; ${param}=10`,
      what: `${param} twice, with the same value`,
    },
    {
      slug: `${param.replaceAll('_', '-')}-twice-with-other-values`,
      written: `${param}=10; ${param}=15`,
      what: `${param} twice, with two values`,
    },
  ]),
]
