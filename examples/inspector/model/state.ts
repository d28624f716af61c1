/**
 * The state of the page, to and from the fragment of its URL, so that a view can be shared.
 *
 * @module
 */

import type { Settings } from './types.ts'

export interface State extends Settings {
  readonly input: string
}

export function formatState({ input, role, deflate }: State): string {
  return `#${new URLSearchParams({ role, deflate: deflate ? '1' : '0', input })}`
}

/** Untrusted input: unknown values are ignored. */
export function parseState(fragment: string): State | undefined {
  const params = new URLSearchParams(fragment.replace(/^#/, ''))
  const input = params.get('input')
  if (input === null) return undefined
  return { input, role: params.get('role') === 'client' ? 'client' : 'server', deflate: params.get('deflate') === '1' }
}
