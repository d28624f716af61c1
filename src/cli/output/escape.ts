/**
 * Makes text of a peer safe to show: on a terminal, in XML, HTML and Markdown.
 *
 * @module
 */

/** What could move the cursor, reorder a line or break out of it, and what has no glyph: controls, format characters, separators. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu

/** One line of visible characters: each other character becomes `\u{…}`. */
export function escapeControls(text: string): string {
  return text.replace(invisible, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for an element or a quoted attribute of XML or HTML, on one line. */
export function escapeMarkup(text: string): string {
  return escapeControls(text).replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)
}

/** Text for a paragraph or a table cell of Markdown, on one line. */
export function escapeMarkdown(text: string): string {
  return escapeControls(text).replace(/[\\`*_[\]<>|~&@#]/g, '\\$&')
}
