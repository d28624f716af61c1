/**
 * The page: passes typed, clicked or shared input to the model, and shows the result.
 *
 * @module
 */

import { inspectFrames } from './model/frames.ts'
import { inspectHead } from './model/head.ts'
import { parseInput } from './model/input.ts'
import { type Sample, samples } from './model/samples.ts'
import { formatState, parseState, type State } from './model/state.ts'
import { startBuilder } from './view/builder.ts'
import { find, make } from './view/dom.ts'
import { renderHeads } from './view/head.ts'
import { followPointer } from './view/highlight.ts'
import { renderStream } from './view/stream.ts'

const input = find('input', HTMLTextAreaElement)
const deflate = find('deflate', HTMLInputElement)
const client = find('client', HTMLInputElement)
const server = find('server', HTMLInputElement)
const result = find('result', HTMLElement)
/** The message for screen readers about a change; a region that is itself replaced stays silent. */
const announcement = find('announcement', HTMLElement)
/** Milliseconds. Safari throws after a hundred changes of the address in 30 seconds, which typing exceeds. */
const ADDRESS_DELAY = 300
let addressTimer: ReturnType<typeof setTimeout> | undefined
const narrow = matchMedia('(max-width: 560px)')

function readState(): State {
  return { input: input.value, role: client.checked ? 'client' : 'server', deflate: deflate.checked }
}

function show(): void {
  const state = readState()
  clearTimeout(addressTimer)
  addressTimer = setTimeout(() => history.replaceState(null, '', formatState(state)), ADDRESS_DELAY)
  result.replaceChildren(...render(state))
  announcement.textContent = result.querySelector('.verdict')?.textContent ?? ''
  for (const [at, button] of buttons.entries())
    button.setAttribute('aria-pressed', String(samples[at]?.input === state.input))
}

function render(state: State): HTMLElement[] {
  const parsed = parseInput(state.input)
  input.setAttribute('aria-invalid', String(parsed.kind === 'unreadable'))
  if (parsed.kind === 'empty')
    return [
      make('p', { class: 'verdict wait' }, 'Paste bytes or an upgrade request, build a frame, or choose an example.'),
    ]
  if (parsed.kind === 'unreadable') return [renderUnreadable(state.input, parsed)]
  if (parsed.kind === 'head') return renderHeads(inspectHead(parsed.bytes))
  return renderStream(parsed.bytes, inspectFrames(parsed.bytes, state), state, narrow.matches ? 8 : 16)
}

function renderUnreadable(
  text: string,
  { at, message }: { readonly at: number; readonly message: string },
): HTMLElement {
  const place = make(
    'code',
    {},
    text.slice(Math.max(0, at - 12), at),
    make('mark', {}, text.charAt(at)),
    text.slice(at + 1, at + 13),
  )
  return make('section', { class: 'verdict bad' }, make('strong', {}, `Character ${at + 1}: ${message}. `), place)
}

function apply(state: State): void {
  input.value = state.input
  client.checked = state.role === 'client'
  server.checked = state.role === 'server'
  deflate.checked = state.deflate
  show()
}

function renderSample(sample: Sample): HTMLButtonElement {
  const button = make('button', { type: 'button', class: 'sample' }, sample.title)
  button.addEventListener('click', () => apply(sample))
  return button
}

const buttons = samples.map(renderSample)
for (const group of new Set(samples.map(({ group }) => group))) {
  const own = buttons.filter((_, at) => samples[at]?.group === group)
  find('samples', HTMLElement).append(
    make(
      'div',
      { class: 'group', role: 'group', 'aria-label': group },
      make('span', { class: 'muted' }, group),
      make('div', {}, ...own),
    ),
  )
}
for (const control of [input, deflate, client, server]) control.addEventListener('input', show)
narrow.addEventListener('change', show)
addEventListener('hashchange', () => apply(parseState(location.hash) ?? samples[0]))
followPointer(result)
startBuilder((hex, append) =>
  apply({ ...readState(), input: append && input.value.trim() !== '' ? `${input.value.trim()}\n${hex}` : hex }),
)
apply(parseState(location.hash) ?? samples[0])
