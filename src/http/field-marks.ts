/**
 * Where the fields of a head stand in it, noted while its bytes are read, and the list that they make once it is text.
 * Knows no grammar.
 *
 * @module
 */

import { trimWhitespace } from './grammar.ts'
import type { HeaderList } from './headers.ts'

/** Stands in for the name of a line that continues the value before it. */
const CONTINUED = -1

/** The places of all fields, in bytes of the head. */
export class FieldMarks {
  /** Fields so far. */
  fields = 0
  /** The name of the field that is being read. */
  nameStart = 0
  nameEnd = 0
  private continued = false
  /** Four a line: where name and value begin and end. */
  private readonly places: number[] = []

  startField(nameStart: number, nameEnd: number): void {
    this.nameStart = nameStart
    this.nameEnd = nameEnd
    this.continued = false
    this.fields++
  }

  /** The next value belongs to the field before it. */
  continueField(): void {
    this.continued = true
  }

  endValue(start: number, end: number): void {
    this.places.push(this.continued ? CONTINUED : this.nameStart, this.nameEnd, start, end)
  }

  /** The fields, cut out of the text of the whole head. */
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
