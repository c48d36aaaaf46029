// Run after changing dependencies (`npm run lock`). Registry mirrors that carry only the packages of their own platform
// make npm leave the other platforms' optional packages out of the lock, and `npm ci` then refuses it everywhere. This adds
// them by name and version: npm skips them where os and cpu do not match, and fetches them by version where they do.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const platform =
  /(?:^|[-/])(aix|android|darwin|freebsd|linux|linuxmusl|netbsd|openbsd|openharmony|sunos|wasm32|webcontainers|win32)(?:-(arm64|arm|x64|ia32|loong64|mips64el|ppc64|riscv64|s390x|wasm32|wasi))?(?:-(gnu|musl|gnueabihf|musleabihf|msvc|eabi))?$/
const added = []

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`
    const hoisted = `node_modules/${name}`
    if (lock.packages[nested] || lock.packages[hoisted]) continue
    const match = platform.exec(name)
    const version = /^\d+\.\d+\.\d+\S*$/.exec(range)?.[0]
    if (!match || !version) throw new Error(`cannot tell the platform or the version of ${name}@${range}`)
    const [, os, cpu = 'wasm32', abi = ''] = match
    lock.packages[hoisted] = {
      version,
      cpu: [os === 'wasm32' || cpu === 'wasi' ? 'wasm32' : cpu],
      ...(entry.dev && { dev: true }),
      ...(abi.startsWith('musl') && { libc: ['musl'] }),
      ...(abi.startsWith('gnu') && { libc: ['glibc'] }),
      optional: true,
      ...(os !== 'wasm32' && { os: [os] }),
    }
    added.push(`${name}@${version}`)
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added.length} packages of other platforms added`)
