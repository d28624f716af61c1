/**
 * The form that builds a frame, and passes on its hexadecimal digits.
 *
 * @module
 */

import { compose, type Draft, newKey } from '../model/compose.ts'
import { find } from './dom.ts'

const CLOSE = '8'

/** `use` gets the frame in hexadecimal; `append`: to be added to the current input. */
export function startBuilder(use: (hex: string, append: boolean) => void): void {
  const form = find('builder', HTMLFormElement)
  const output = find('built', HTMLOutputElement)
  const key = find('key', HTMLInputElement)
  const update = (): void => {
    const draft = readDraft(form)
    const closes = draft.opcode === Number(CLOSE)
    for (const element of form.querySelectorAll<HTMLElement>('[data-for]'))
      element.hidden = (element.dataset.for === 'close') !== closes
    key.disabled = !draft.masked
    const composed = compose(draft)
    output.value = composed.ok ? composed.hex : composed.message
    output.classList.toggle('wrong', !composed.ok)
    for (const button of form.querySelectorAll<HTMLButtonElement>('.use')) button.disabled = !composed.ok
  }
  form.addEventListener('input', update)
  find('new-key', HTMLButtonElement).addEventListener('click', () => {
    key.value = newKey()
    update()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const composed = compose(readDraft(form))
    if (composed.ok) use(composed.hex, event.submitter?.id === 'append')
  })
  update()
}

function readDraft(form: HTMLFormElement): Draft {
  const data = new FormData(form)
  const text = (name: string): string => String(data.get(name) ?? '')
  const bit = (name: string, weight: number): number => (data.has(name) ? weight : 0)
  return {
    opcode: Number(text('opcode')),
    fin: data.has('fin'),
    rsv: bit('rsv1', 4) + bit('rsv2', 2) + bit('rsv3', 1),
    masked: data.has('masked'),
    key: text('key'),
    length: text('length') as Draft['length'],
    payload: text('payload'),
    payloadAs: text('payload-as') === 'hex' ? 'hex' : 'text',
    code: text('code'),
    reason: text('reason'),
  }
}
