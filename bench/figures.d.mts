/** `runs[0]` is the reference. */
export interface Results {
  readonly date: string
  readonly runs: readonly {
    readonly runtime: string
    readonly targets: readonly object[]
    readonly rows: readonly object[]
  }[]
}

export interface Chart {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly bars: readonly { readonly group: string; readonly series?: string; readonly value: number }[]
}

export const page: string
export function readResults(): Results
export function charts(results: Results): readonly Chart[]
export function draw(page: string, results: Results): string
