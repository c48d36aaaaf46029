import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The options of Node that the image and the unit of systemd start the gateway with. */
export const nodeOptions = ['--max-semi-space-size=8', '--heap-growing-percent=100']

/** How they start it, behind the name of Node. */
export const builtGateway = [...nodeOptions, `${root}dist/gateway/main.js`]

/** Builds what is measured from the sources of now: a few seconds if they are others than at the last build. */
export function buildPrograms(): void {
  execFileSync(process.execPath, [`${root}.tooling/build.mjs`, '--if-changed'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
