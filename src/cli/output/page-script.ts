/**
 * The script of the HTML page. The page contains the text of this function, so the function uses nothing outside itself. All text
 * goes into the document as text nodes.
 *
 * @module
 */

import type { PageCell, PageData, PageEntry, PageRow, PageTable } from './page-data.ts'

/** Builds the matrix from the data in the page, filters it, and shows a result in a dialog. */
export function runPage(): void {
  const data = JSON.parse(find('data').textContent ?? '') as PageData
  const verdicts = ['fail', 'error', 'warn', 'info', 'skip', 'pass'] as const
  const form = find('filter') as HTMLFormElement
  const dialog = find('result') as HTMLDialogElement
  /** Each row, with what the filter compares (its text in lower case, its section and its verdicts) and the addresses of its cells. */
  const shownRows: {
    element: HTMLElement
    text: string
    section: string
    verdicts: Set<string>
    addresses: (string | undefined)[]
  }[] = []
  /** What opens a result, by the fragment of the page's address. */
  const openers = new Map<string, () => void>()

  for (const table of data.tables) find('matrix').append(buildTable(table))
  form.addEventListener('input', filter)
  form.addEventListener('submit', (event) => event.preventDefault())
  find('matrix').addEventListener('keydown', moveFocus)
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
  dialog.addEventListener('close', () => history.replaceState(null, '', '#'))
  window.addEventListener('hashchange', openByAddress)
  filter()
  openByAddress()

  function find(id: string): HTMLElement {
    const found = document.getElementById(id)
    if (found === null) throw new Error(`the page has no #${id}`)
    return found
  }

  function create(tag: string, attributes: Record<string, string>, ...children: (Node | string)[]): HTMLElement {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    element.append(...children)
    return element
  }

  function textOf(index: number): string {
    return data.texts[index] ?? ''
  }

  function buildTable(table: PageTable): HTMLElement {
    const { side, columns, rows } = table
    const heads = columns.map(({ name, counts }) => {
      const shown = verdicts.filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`)
      return create('th', { scope: 'col' }, name, create('span', { class: 'counts' }, shown.join(', ') || 'no case'))
    })
    const body = create('tbody', {})
    let section = ''
    for (const row of rows) {
      if (row.section !== section) {
        section = row.section
        const head = create('th', { colspan: String(columns.length + 1), scope: 'colgroup' }, section)
        body.append(create('tr', { class: 'section', 'data-section': `${side}/${section}` }, head))
      }
      body.append(buildRow(table, row))
    }
    const caption = create('caption', {}, side === 'server' ? 'Servers' : 'Clients')
    return create('table', {}, caption, create('thead', {}, create('tr', {}, create('th', {}, 'case'), ...heads)), body)
  }

  function buildRow(table: PageTable, row: PageRow): HTMLElement {
    const first = row.cells.find((cell) => cell !== null)
    const title = (first && data.cases[first.case]?.title) ?? ''
    const head = create('th', { scope: 'row' }, title, create('span', { class: 'id' }, row.id))
    const cells = row.cells.map((cell, column) => buildCell(table, row, cell, column))
    const element = create('tr', {}, head, ...cells)
    const reasons = row.cells.map((cell) => (cell === null ? '' : textOf(cell.reason)))
    shownRows.push({
      element,
      text: [row.id, title, ...reasons].join('\n').toLowerCase(),
      section: `${table.side}/${row.section}`,
      verdicts: new Set(row.cells.flatMap((cell) => (cell === null ? [] : [cell.verdict]))),
      addresses: row.cells.map((cell, column) => (cell === null ? undefined : addressOf(row, column))),
    })
    return element
  }

  function buildCell({ columns }: PageTable, row: PageRow, cell: PageCell | null, column: number): HTMLElement {
    if (cell === null) return create('td', { class: 'muted' })
    const agent = columns[column]?.name ?? ''
    const reason = textOf(cell.reason)
    const wide = columns.length === 1
    const shown = [
      create('b', {}, cell.verdict),
      ...(wide && cell.verdict !== 'pass' ? [create('span', { class: 'reason' }, reason)] : []),
    ]
    const label = `${agent}, ${row.id}: ${cell.verdict}`
    const button = create('button', { type: 'button', 'aria-label': label, title: reason }, ...shown)
    const address = addressOf(row, column)
    const open = () => openResult(row, cell, agent, column)
    button.addEventListener('click', open)
    openers.set(address, open)
    return create('td', { class: wide ? `wide ${cell.verdict}` : cell.verdict }, button)
  }

  function addressOf(row: PageRow, column: number): string {
    return `#${encodeURI(row.id)}@${column}`
  }

  /** Shows the rows that have the text, the section and a chosen verdict, and the headings of sections that have such rows. */
  function filter(): void {
    const chosen = new FormData(form)
    const text = String(chosen.get('text')).toLowerCase().trim()
    const section = String(chosen.get('section'))
    const wanted = chosen.getAll('verdict').map(String)
    const differ = chosen.get('differ') !== null
    const sections = new Set<string>()
    let count = 0
    for (const row of shownRows) {
      const fits = (section === '' || row.section === section) && row.text.includes(text)
      const shown = fits && (!differ || row.verdicts.size > 1) && wanted.some((verdict) => row.verdicts.has(verdict))
      row.element.hidden = !shown
      if (shown) {
        count++
        sections.add(row.section)
      }
    }
    for (const head of document.querySelectorAll<HTMLElement>('tr.section'))
      head.hidden = !sections.has(head.getAttribute('data-section') ?? '')
    find('count').textContent = `${count} of ${shownRows.length} cases`
  }

  /** Moves the focus between visible cells with the arrow keys. */
  function moveFocus(event: KeyboardEvent): void {
    const cell = document.activeElement?.closest('td')
    const row = cell?.parentElement
    if (!cell || !row || !event.key.startsWith('Arrow')) return
    event.preventDefault()
    const { key } = event
    const rows = shownRows.map(({ element }) => element).filter((element) => !element.hidden)
    const down = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0
    const right = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0
    const next = rows[rows.indexOf(row) + down]?.children[[...row.children].indexOf(cell) + right]
    next?.querySelector('button')?.focus()
  }

  function openByAddress(): void {
    openers.get(location.hash)?.()
  }

  /** Builds the buttons that open the previous and the next visible result of the same agent. */
  function buildSteps(address: string, column: number): HTMLElement[] {
    const rows = shownRows.filter(({ element, addresses }) => !element.hidden || addresses[column] === address)
    const addresses = rows.flatMap((row) => row.addresses[column] ?? [])
    const at = addresses.indexOf(address)
    return (
      [
        ['Previous', addresses[at - 1]],
        ['Next', addresses[at + 1]],
      ] as const
    ).map(([label, target]) => {
      const button = create(
        'button',
        { type: 'button', class: 'plain', ...(target === undefined && { disabled: '' }) },
        label,
      )
      button.addEventListener('click', () => {
        openers.get(target ?? '')?.()
        const buttons = [...dialog.querySelectorAll<HTMLButtonElement>('.bar button:enabled')]
        const again = buttons.find(({ textContent }) => textContent === label) ?? buttons.at(-1)
        again?.focus()
      })
      return button
    })
  }

  function openResult(row: PageRow, cell: PageCell, agent: string, column: number): void {
    const address = addressOf(row, column)
    const one = data.cases[cell.case]
    if (one === undefined) return
    const close = create('button', { type: 'button', class: 'plain', autofocus: '' }, 'Close')
    close.addEventListener('click', () => dialog.close())
    const bar = create(
      'div',
      { class: 'bar' },
      create('span', { class: `badge ${cell.verdict}` }, cell.verdict),
      create('h2', { id: 'title' }, one.title),
      ...buildSteps(address, column),
      close,
    )
    const rules = one.references.flatMap(({ section, quote, address: link }) => [
      create('p', {}, link === undefined ? section : create('a', { href: link }, section)),
      create('blockquote', {}, quote),
    ])
    const body = create(
      'div',
      { class: 'body' },
      create('p', { class: 'muted' }, `${agent} · ${row.id} · ${one.level}`),
      ...part('Result', create('p', {}, textOf(cell.reason)), create('p', { class: 'muted' }, textOf(cell.ending))),
      ...part('Expected', create('ul', {}, ...one.expected.map((reason) => create('li', {}, reason)))),
      ...part('The rule', ...rules),
      ...(one.why ? part('Why it matters', create('p', {}, one.why)) : []),
      ...part('Transcript', ...buildTranscript(cell)),
    )
    dialog.replaceChildren(bar, body)
    history.replaceState(null, '', address)
    if (!dialog.open) dialog.showModal()
    dialog.scrollTop = 0
  }

  function part(heading: string, ...children: Node[]): Node[] {
    return children.length === 0 ? [] : [create('h3', {}, heading), ...children]
  }

  function buildTranscript({ transcript }: PageCell): Node[] {
    if (transcript === undefined) return [create('p', { class: 'muted' }, data.leftOut)]
    if (transcript.length === 0) return [create('p', { class: 'muted' }, 'Neither side sent anything.')]
    const built: Node[] = []
    for (let i = 0; i < transcript.length; i += 2) {
      const entry = data.entries[transcript[i + 1] ?? -1]
      if (entry !== undefined) built.push(buildEntry(transcript[i] ?? 0, entry))
    }
    return built
  }

  function buildEntry(at: number, { from, type, size, hex, notes }: PageEntry): Node {
    const what = {
      bytes: `${size} byte${size === 1 ? '' : 's'}`,
      end: 'ends its direction',
      reset: 'resets the transport',
    }
    const pairs = hex.replace(/../g, '$& ') + (hex.length < 2 * size ? '…' : '')
    return create(
      'div',
      { class: `entry ${from}` },
      create('span', { class: 'muted' }, `${at.toFixed(1)} ms`),
      create('span', { class: 'muted' }, `${from}: ${what[type]}`),
      create('p', { class: 'note' }, notes.map(textOf).join('\n')),
      ...(hex === '' ? [] : [create('p', { class: 'hex' }, pairs)]),
    )
  }
}
