export interface Side {
  readonly name: string
  readonly samples: readonly number[]
  readonly fastest?: boolean
}

export interface Figure {
  readonly value: number
  readonly quartiles: readonly number[]
}

export interface Row {
  readonly name: string
  readonly unit: string
  readonly sides: Readonly<Record<string, Figure>>
}

export function record(row: { readonly name: string; readonly unit: string; readonly sides: readonly Side[] }): void
export function recorded(): readonly Row[]
export function quotient(name: string, upper: string | undefined, lower: string | undefined): Figure | undefined
