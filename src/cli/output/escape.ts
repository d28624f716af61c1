/**
 * Makes a peer's text safe to show on a terminal and in XML, HTML and Markdown.
 *
 * @module
 */

/** Controls, format characters and separators: they could move the cursor or break or reorder a line, or they have no glyph. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Returns one line of visible characters. Each other character becomes `\u{…}`. */
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

/** Escapes text for an element or a quoted attribute of XML or HTML, on one line. */
export function escapeMarkup(text: string): string {
  return escapeControls(text).replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)
}

/** Escapes text for a paragraph or a table cell of Markdown, on one line. */
export function escapeMarkdown(text: string): string {
  return escapeControls(text).replace(/[\\`*_[\]<>|~&@#]/g, '\\$&')
}
