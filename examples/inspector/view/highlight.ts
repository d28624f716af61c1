/**
 * Bytes and fields that highlight each other. An element that stands for bytes has `data-start` and `data-end`, and for a field
 * also `data-field`.
 *
 * @module
 */

/** Highlights everything in `root` that belongs to the element under the pointer or the focus. */
export function followPointer(root: HTMLElement): void {
  const light = ({ target }: Event): void => {
    const source = target instanceof Element ? target.closest<HTMLElement>('[data-start]') : null
    for (const element of root.querySelectorAll<HTMLElement>('[data-start]'))
      element.classList.toggle('lit', source !== null && belongs(element, source))
  }
  const clear = (): void => {
    for (const element of root.querySelectorAll('.lit')) element.classList.remove('lit')
  }
  for (const type of ['pointerover', 'focusin']) root.addEventListener(type, light)
  for (const type of ['pointerleave', 'focusout']) root.addEventListener(type, clear)
}

function belongs(element: HTMLElement, source: HTMLElement): boolean {
  const { field } = element.dataset
  const other = source.dataset.field
  // Two fields in one byte are distinct.
  if (field !== undefined && other !== undefined) return field === other
  if (field === undefined && other === undefined) return element.dataset.start === source.dataset.start
  return number(element, 'start') < number(source, 'end') && number(source, 'start') < number(element, 'end')
}

function number(element: HTMLElement, name: 'start' | 'end'): number {
  return Number(element.dataset[name])
}
