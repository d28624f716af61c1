export function findRecipes(): ReadonlyMap<string, string>
export function writeRecipes(): string
export function runRecipes(
  folder: string,
  runner: 'node' | 'vitest' | 'deno' | 'bun',
  program: string,
  names: readonly string[],
): Promise<{
  readonly code: number | null
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly output: string
}>
