/** Headless Chromium: found by `CHROMIUM` or on the path, and launched as in the runtime tests. */

export { launchChromium, missingChromium } from '../runtimes/chromium.mjs'
