/**
 * Positions of the fields in a head: `HeadReader` records them while it reads bytes, and slices the decoded text into a
 * `HeaderList` at the end.
 *
 * @module
 */

import { trimWhitespace } from './grammar.ts'
import type { HeaderList } from './headers.ts'

/** In place of a name: the line continues the previous value. */
const CONTINUED = -1

/** The positions of all fields, as byte offsets in the head. */
export class FieldMarks {
  /** Fields so far. */
  fields = 0
  /** The name of the current field. */
  nameStart = 0
  nameEnd = 0
  private continued = false
  /** Four per line: start and end of name and value. */
  private readonly places: number[] = []

  startField(nameStart: number, nameEnd: number): void {
    this.nameStart = nameStart
    this.nameEnd = nameEnd
    this.continued = false
    this.fields++
  }

  /** The next value continues the previous field. */
  continueField(): void {
    this.continued = true
  }

  endValue(start: number, end: number): void {
    this.places.push(this.continued ? CONTINUED : this.nameStart, this.nameEnd, start, end)
  }

  /** Slices the fields out of the text of the whole head. */
  cut(text: string): HeaderList {
    const { places } = this
    const headers: HeaderList = []
    for (let i = 0; i < places.length; i += 4) {
      const name = places[i] as number
      const value = trimWhitespace(text.slice(places[i + 2], places[i + 3]))
      const last = headers[headers.length - 1]
      if (name !== CONTINUED || last === undefined) headers.push([text.slice(name, places[i + 1]), value])
      // "replace each received obs-fold with one or more SP octets"                                  RFC 9112 §5.2
      else if (value !== '') last[1] += last[1] === '' ? value : ` ${value}`
    }
    return headers
  }
}
