// Builds the programs to dist/, for the package, the image and services: JavaScript without types and comments, the files that they
// read, and the console. With --if-changed it does so only if the sources or the locked packages are others than at the last build: it
// compares one hash. It checks no types: `npm run types` does. Plain JavaScript, as it runs on whatever Node there is (20.19 or newer).
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = join(root, 'dist')
const consoleSources = join(root, 'src/console')
const stamp = join(output, '.built')

/** Of everything that a build reads, except for packages, which the lock stands for. */
function hashOfSources() {
  const hash = createHash('sha256')
  const read = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(join(consoleSources, 'dist/')))
  const others = [
    'package-lock.json',
    '.tooling/build.mjs',
    '.tooling/bundle.mjs',
    '.tooling/build-console.mjs',
  ]
  for (const file of [...read.sort(), ...others.map((name) => join(root, name))]) {
    hash.update(file.slice(root.length))
    hash.update(readFileSync(file))
  }
  return hash.digest('hex')
}

const wanted = hashOfSources()
const isBuilt = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
if (!(isBuilt && process.argv.includes('--if-changed'))) {
  const [{ bundle }, { buildConsole }] = await Promise.all([
    import('./bundle.mjs'),
    import('./build-console.mjs'),
  ])
  rmSync(output, { recursive: true, force: true })
  await bundle(output)
  // Presets, starters and fonts are read where they would be beside the code.
  cpSync(join(root, 'src'), output, {
    recursive: true,
    filter: (path) => path !== consoleSources && !['.ts', '.tsx'].includes(extname(path)),
  })
  await buildConsole({ onlyIfChanged: true })
  cpSync(join(consoleSources, 'dist'), join(output, 'console/dist'), {
    recursive: true,
    filter: (path) => basename(path) !== '.built',
  })
  writeFileSync(stamp, wanted)
}
