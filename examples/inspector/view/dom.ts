/**
 * Creates elements. Text is set as text: pasted input is never parsed as HTML.
 *
 * @module
 */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** An element with its attributes (`true`: present, `false` and `undefined`: absent) and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string | undefined)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value))
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** An element of index.html. */
export function find<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new Error(`index.html has no ${type.name} with the id ${id}`)
  return element
}

/** `RFC 6455 §5.1` as a link to that section. */
export function reference(text: string): HTMLElement | string {
  const [, rfc, section] = /^RFC (\d+) §([\d.]+)/.exec(text) ?? []
  if (rfc === undefined) return text
  const href = `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${section}`
  return make('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text)
}
