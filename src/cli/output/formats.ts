/**
 * The output formats, by name and by file ending.
 *
 * @module
 */

import type { Formatter } from './formatter.ts'
import { formatHtml } from './html.ts'
import { formatJson } from './json.ts'
import { formatJunit } from './junit.ts'
import { formatMarkdown } from './markdown.ts'
import { formatText } from './text.ts'

export type Format = 'text' | 'json' | 'junit' | 'markdown' | 'html'

export const formatters: Readonly<Record<Format, Formatter>> = {
  text: formatText,
  json: formatJson,
  junit: formatJunit,
  markdown: formatMarkdown,
  html: formatHtml,
}

/** The formats by file ending. */
export const formatsByEnding: Readonly<Record<string, Format>> = {
  '.txt': 'text',
  '.json': 'json',
  '.xml': 'junit',
  '.md': 'markdown',
  '.html': 'html',
}
