import { execFile } from 'node:child_process'
import { readFile, readdir, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const dist = 'src/console/dist'
const kB = 1000

async function gzipped(name: string): Promise<number> {
  const { size } = await stat(`${dist}/assets/${name}.gz`)
  return size
}

/** What a chunk loads with itself; what it loads later is in `import()`. */
async function withImports(name: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(name)) return seen
  seen.add(name)
  const text = await readFile(`${dist}/assets/${name}`, 'utf8')
  const imports = text.matchAll(
    /(?:^|[;}\s])(?:import|export)\s*(?:[\w${},*\s]+?from\s*)?["']\.\/([\w.-]+\.js)["']/g,
  )
  for (const [, imported = ''] of imports) await withImports(imported, seen)
  return seen
}

t.before(() => run(process.execPath, ['.tooling/build-console.mjs', '--if-changed']))

t.test(
  'what the first visit loads stays below 150 kB compressed, and a further screen below 15 kB',
  async (t) => {
    const page = await readFile(`${dist}/index.html`, 'utf8')
    const [, entry = ''] = /<script type="module"[^>]* src="\/console\/assets\/([^"]+)"/.exec(page) ?? []
    const styles = [...page.matchAll(/<link rel="stylesheet"[^>]* href="\/console\/assets\/([^"]+)"/g)].map(
      ([, name = '']) => name,
    )
    t.equal(styles.length, 1)
    const first = await withImports(entry)
    const preloaded = [...page.matchAll(/modulepreload"[^>]* href="\/console\/assets\/([^"]+)"/g)]
    for (const [, name = ''] of preloaded) t.ok(first.has(name), `${name} is counted`)
    const sizes = await Promise.all([...first, ...styles].map(gzipped))
    const total = sizes.reduce((sum, size) => sum + size, 0)
    t.comment(`first load: ${(total / kB).toFixed(1)} kB in ${sizes.length} files`)
    t.ok(total > 80 * kB, 'React is among it, so the count is not of nothing')
    t.ok(total < 150 * kB, `${total} bytes`)

    const names = (await readdir(`${dist}/assets`)).filter((name) => name.endsWith('.js'))
    for (const name of names.filter((each) => !first.has(each))) {
      const size = await gzipped(name)
      t.ok(size < 15 * kB, `${name}: ${size} bytes`)
    }
  },
)

t.test('building again without a change does nothing', async (t) => {
  const before = await stat(`${dist}/index.html`)
  await run(process.execPath, ['.tooling/build-console.mjs', '--if-changed'])
  t.equal((await stat(`${dist}/index.html`)).mtimeMs, before.mtimeMs)
})
