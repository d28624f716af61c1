/**
 * What the page shows, as the fragment of its URL and back, so that a view can be shared.
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

/** Anybody may have written it: what is unknown in it counts for nothing. */
export function parseState(fragment: string): State | undefined {
  const params = new URLSearchParams(fragment.replace(/^#/, ''))
  const input = params.get('input')
  if (input === null) return undefined
  return { input, role: params.get('role') === 'client' ? 'client' : 'server', deflate: params.get('deflate') === '1' }
}
