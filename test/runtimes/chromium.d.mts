import type { Browser } from 'playwright-core'

export const missingChromium: string | undefined
export function launchChromium(): Promise<Browser>
