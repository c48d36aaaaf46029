// Builds the console to src/console/dist and puts a brotli and a gzip file beside every asset. With --if-changed it does so
// only if the sources or the locked packages are others than at the last build: it compares one hash (about 10 ms). It is plain
// JavaScript, since it runs before `npm start` on whatever Node the machine has (20.19 or newer).
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = join(root, 'src/console')
const output = join(sources, 'dist')
const stamp = join(output, '.built')

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => join(folder, entry.name) !== output)
    .flatMap((entry) =>
      entry.isDirectory() ? filesOf(join(folder, entry.name)) : [join(folder, entry.name)],
    )
    .sort()
}

function hashOfSources() {
  const hash = createHash('sha256')
  for (const file of [...filesOf(sources), join(root, 'package-lock.json')]) {
    hash.update(file.slice(root.length))
    hash.update(readFileSync(file))
  }
  return hash.digest('hex')
}

function compress(file) {
  const bytes = readFileSync(file)
  writeFileSync(
    `${file}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
  )
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}

/** Builds it, unless what is built came from these sources and packages. */
export async function buildConsole({ onlyIfChanged }) {
  const wanted = hashOfSources()
  const built = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (onlyIfChanged && built === wanted) return
  if (onlyIfChanged) console.error('Building the console …')
  const { build } = await import('vite')
  await build({ configFile: join(sources, 'vite.config.ts'), logLevel: 'warn' })
  for (const file of filesOf(join(output, 'assets')))
    if (['.js', '.css', '.svg'].includes(extname(file))) compress(file)
  compress(join(output, 'index.html'))
  writeFileSync(stamp, wanted)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildConsole({ onlyIfChanged: process.argv.includes('--if-changed') })
