import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { env as environment, kill } from 'node:process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { z } from 'zod'
import { addressOf } from '../e2e/gateway-process.ts'

const root = new URL('../..', import.meta.url).pathname
const run = promisify(execFile)
/** Of the package with all that it brings, in bytes. */
const limitBytes = 200e6

/** As in a shell: tap gives each Node that it starts, and those that they start, options and folders of its own. */
const plain = ['-u', 'NODE_OPTIONS', '-u', 'NODE_COMPILE_CACHE']

const folder = await mkdtemp(join(tmpdir(), 'understudy-package-'))
const empty = join(folder, 'empty')
const cache = join(folder, 'cache')

t.teardown(() => rm(folder, { recursive: true, force: true }))

/** A process group of its own, as a terminal gives one. */
function start(t: Test, command: string, words: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn('env', [...plain, command, ...words], {
    cwd: empty,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment, npm_config_cache: cache, ...env },
  })
  t.teardown(() => {
    if (child.exitCode === null && child.pid !== undefined) kill(-child.pid, 'SIGKILL')
  })
  return child
}

/** Where npx put the package. */
async function installed(): Promise<string> {
  const [name = ''] = await readdir(join(cache, '_npx'))
  return join(cache, '_npx', name, 'node_modules')
}

async function bytesBelow(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(
    files.map(async (each) => (await stat(join(each.parentPath, each.name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

let tarball = ''

t.test('the package has what runs, and nothing of tests, sources, secrets or this machine', async (t) => {
  await mkdir(empty)
  await mkdir(cache)
  const { stdout } = await run('env', [...plain, 'npm', 'pack', '--silent', '--pack-destination', folder], {
    cwd: root,
  })
  tarball = join(folder, stdout.trim().split('\n').at(-1) ?? '')
  await run('tar', ['-xzf', tarball, '-C', folder])
  const paths = (await readdir(join(folder, 'package'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, 'package/').length))
  const allowed =
    /^(LICENSE|README\.md|package\.json|\.tooling\/understudy\.mjs|docs\/config\.example\.yaml|openapi\/(openapi|config\.schema)\.json)$|^dist\/(licenses\.md$|(chunks|cli|console\/dist|demo|gateway|simulator)\/)/
  t.same(
    paths.filter((path) => !allowed.test(path)),
    [],
  )
  t.same(
    paths.filter(
      (path) =>
        path.startsWith('dist/') &&
        !/\.(js|js\.map|css|svg|mp4|html|md|yaml|br|gz|ttf)$|\/LICENSE$/.test(path),
    ),
    [],
  )
  for (const path of [
    'dist/gateway/init/starters.yaml',
    'dist/console/dist/licenses.md',
    'dist/licenses.md',
    'dist/demo/main.js',
  ])
    t.ok(paths.includes(path), path)
  const texts = paths.filter((path) => /\.(js|mjs|map|json|ya?ml|md|html)$/.test(path))
  for (const path of texts) {
    const text = await readFile(join(folder, 'package', path), 'utf8')
    const leaks = [root, `${homedir()}/`, 'PRIVATE KEY-----'].filter((word) => text.includes(word))
    if (leaks.length > 0) t.fail(`${path} has ${leaks.join(', ')}`)
  }
})

const SourceMap = z.object({ sources: z.array(z.string()) })

t.test(
  'maps name the sources, and every package that is in the programs has its licence beside them',
  async (t) => {
    const dist = join(folder, 'package/dist')
    const files = (await readdir(dist, { recursive: true })).filter((file) => !file.startsWith('console/'))
    const maps = await Promise.all(
      files
        .filter((file) => file.endsWith('.js.map'))
        .map(async (file) => SourceMap.parse(JSON.parse(await readFile(join(dist, file), 'utf8')))),
    )
    const sources = maps.flatMap((map) => map.sources)
    t.ok(sources.some((source) => source.endsWith('src/gateway/domain/attempts/transition.ts')))
    const bundled = sources.flatMap(
      (source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? [],
    )
    t.ok(bundled.includes('fastify'))
    const licences = await readFile(join(dist, 'licenses.md'), 'utf8')
    t.same(
      [...new Set(bundled)].filter((name) => !licences.includes(`\n## ${name} `)),
      [],
    )
  },
)

t.test('npx renders a first video from it, in an empty folder', async (t) => {
  // npm finds what it has fetched before, and installs into a folder of this test.
  const { stdout } = await run('env', [...plain, 'npm', 'config', 'get', 'cache'])
  await symlink(join(stdout.trim(), '_cacache'), join(cache, '_cacache'))
  const since = performance.now()
  // By a relative path: npx would run a file with an absolute one.
  const child = start(t, 'npx', ['--yes', '--prefer-offline', join('..', basename(tarball)), 'start'], {
    HOST: '127.0.0.1',
    PORT: '0',
  })
  let said = ''
  child.stderr?.on('data', (bytes) => (said += String(bytes)))
  if (child.stdout === null) throw new Error('no output')
  const address = await addressOf(child, createInterface({ input: child.stdout }), 240_000)
  const [, key = ''] = /^ *key +(\S+)$/m.exec(said) ?? []
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ prompt: 'a mill by a river', duration: 5 })
  const made = await fetch(`${address}/generate`, { method: 'POST', headers, body })
  t.equal(made.status, 202)
  const { id } = z.looseObject({ id: z.string() }).parse(await made.json())
  const ended = await fetch(`${address}/generations/${id}?wait=60`, { headers })
  t.match(await ended.json(), { status: 'completed' })
  const video = await fetch(`${address}/generations/${id}/video`, { headers })
  t.equal(Buffer.from(await video.arrayBuffer()).toString('latin1', 4, 8), 'ftyp')
  t.comment(`first video ${((performance.now() - since) / 1000).toFixed(1)} s after npx`)
  // A frame is decoded in a process of its own, a report is read in a thread.
  const thumbnail = await fetch(`${address}/generations/${id}/thumbnail`, { headers })
  t.equal(thumbnail.headers.get('content-type'), 'image/webp')
  t.equal((await fetch(`${address}/usage?group_by=upstream`, { headers })).status, 200)
  t.match(await (await fetch(`${address}/console/`)).text(), '<!doctype html>')
  const exited = once(child, 'exit')
  if (child.pid !== undefined) kill(-child.pid, 'SIGINT')
  await exited
})

t.test('what it brings stays below 200 MB, without development parts', async (t) => {
  const modules = await installed()
  const bytes = await bytesBelow(modules)
  t.comment(`${(bytes / 1e6).toFixed(1)} MB`)
  t.ok(bytes > 50e6 && bytes < limitBytes, `${bytes} bytes`)
  const present = await readdir(modules)
  t.same(
    ['tap', 'typescript', 'vite', 'node'].filter((name) => present.includes(name)),
    [],
  )
})

t.test('its command says what it can do, and starts the simulator and the demonstration', async (t) => {
  const command = join(await installed(), '.bin/understudy')
  const help = await run('env', [...plain, command, '--help'])
  for (const name of ['generate', 'start', 'demo', 'simulate', 'init']) t.match(help.stdout, name)
  const { version } = z
    .looseObject({ version: z.string() })
    .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  t.equal((await run('env', [...plain, command, '--version'])).stdout.trim(), version)
  const commands = ['simulate', 'start', 'init', 'doctor', 'export', 'import', 'migrate']
  const said = await Promise.all(commands.map((name) => run('env', [...plain, command, name, '--help'])))
  t.same(
    commands.filter((_, index) => !said[index]?.stdout.startsWith('Usage: ')),
    [],
  )
  const demo = start(t, command, ['demo'])
  if (demo.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: demo.stdout })) if (line.includes('is registered')) return
  t.fail('the demonstration ended before it had a character')
})
