import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** How the image and the unit of systemd start the gateway, behind the name of Node. */
export const builtGateway = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=100',
  `${root}dist/gateway/main.js`,
]

/** Builds what is measured from the sources of now: a few seconds if they are others than at the last build. */
export function buildPrograms(): void {
  execFileSync(process.execPath, [`${root}.tooling/build.mjs`, '--if-changed'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
