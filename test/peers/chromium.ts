/** Headless Chromium: found by `CHROMIUM` or on the path, and launched, as for the runtimes. */

export { launchChromium, missingChromium } from '../runtimes/chromium.mjs'
