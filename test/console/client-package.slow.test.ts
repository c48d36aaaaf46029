import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { startBrowser, withoutBrowser } from './browser.ts'
import { keys, reverse, startGateway } from '../e2e/gateway.ts'

const root = new URL('../..', import.meta.url).pathname
const execute = promisify(execFile)
/** As in a shell: tap gives each Node that it starts, and those that they start, options of its own. */
const run = (cwd: string, words: string[], settings: string[] = []) =>
  execute('env', ['-u', 'NODE_OPTIONS', '-u', 'NODE_COMPILE_CACHE', ...settings, ...words], { cwd })

const quick = { ...reverse, render: { milliseconds: 200 } }
const folder = await mkdtemp(join(tmpdir(), 'understudy-client-'))
const installed = join(folder, 'node_modules/@understudy/client')

t.teardown(() => rm(folder, { recursive: true, force: true }))

const program = (load: string) => `${load}
const { UNDERSTUDY_URL: baseUrl, UNDERSTUDY_API_KEY: apiKey } = process.env
async function main() {
  const understudy = createUnderstudy({ baseUrl, apiKey })
  const done = await understudy.generateAndWait({ prompt: 'a mill', duration: 5 })
  const bytes = Buffer.from(await new Response(await understudy.download(done.id)).arrayBuffer())
  const error = await understudy.wait('gen_00000000000000000000000000').catch((cause) => cause)
  console.log(done.status, bytes.toString('latin1', 4, 8), error instanceof UnderstudyError, error.code)
}
main()
`

/** What a caller writes; the last line must not compile. */
const typed = `import { UnderstudyError, createUnderstudy } from '@understudy/client'
import type { Generation, ProblemCode } from '@understudy/client'
const understudy = createUnderstudy({ baseUrl: 'http://127.0.0.1:8787', apiKey: 'key' })
export async function make(): Promise<Generation> {
  try {
    return await understudy.generateAndWait({ prompt: 'a mill', duration: 5, routing: { priority: 'cost' } })
  } catch (error) {
    const code: ProblemCode | null = error instanceof UnderstudyError ? error.code : null
    if (code === 'budget_exceeded') console.log(code)
    throw error
  }
}
export const upstreams = understudy.api.GET('/upstreams').then(({ data }) => data?.data.map(({ id }) => id.length))
`

t.test('the package has its code, its types and its licence, and no maps, sources or paths', async (t) => {
  const source = join(root, 'openapi/clients/typescript')
  const { stdout } = await run(source, ['npm', 'pack', '--silent', '--pack-destination', folder])
  const tarball = join(folder, stdout.trim().split('\n').at(-1) ?? '')
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', tarball]
  await run(folder, ['npm', ...install])
  t.same((await readdir(installed)).toSorted(), ['LICENSE', 'README.md', 'dist', 'package.json'])
  t.same((await readdir(join(installed, 'dist'))).toSorted(), ['browser', 'commonjs', 'esm'])
  const files = (await readdir(join(installed, 'dist'), { recursive: true })).filter((name) =>
    /\.\w+$/.test(name),
  )
  t.same(
    files.filter((name) => !/\.(js|d\.ts|json|md)$/.test(name)),
    [],
  )
  for (const name of files)
    t.notOk((await readFile(join(installed, 'dist', name), 'utf8')).includes(root), name)
  const browser = await readFile(join(installed, 'dist/browser/understudy.js'), 'utf8')
  t.notMatch(browser, /^import |\bimport\(|\brequire\(|node:/m, 'the browser is given one file')
})

t.test('it works as a module and with require', async (t) => {
  const gateway = await startGateway(t, { live: true, upstreams: [quick] })
  const settings = [`UNDERSTUDY_URL=${gateway.address}`, `UNDERSTUDY_API_KEY=${keys.studio}`]
  const loads = {
    'module.mjs': "import { UnderstudyError, createUnderstudy } from '@understudy/client'",
    'required.cjs': "const { UnderstudyError, createUnderstudy } = require('@understudy/client')",
  }
  for (const [name, load] of Object.entries(loads)) {
    await writeFile(join(folder, name), program(load))
    const { stdout, stderr } = await run(folder, ['node', name], settings)
    t.same({ stdout, stderr }, { stdout: 'completed ftyp true not_found\n', stderr: '' }, name)
  }
})

/** What the compiler says of a program in a folder that has the package. */
async function compile(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom']
  const words = ['node', join(root, 'node_modules/typescript/bin/tsc'), ...flags, '--types', '', name]
  return run(folder, words).then(
    () => '',
    (error: unknown) => (error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)),
  )
}

t.test('its types are those of both, and find a mistake', async (t) => {
  t.equal(await compile('module.mts', typed), '')
  t.equal(await compile('required.cts', typed), '')
  t.match(
    await compile('wrong.mts', `${typed}understudy.generate({ promt: 'a mill' })\n`),
    /promt.*does not exist/,
  )
})

/** A page that has nothing but the file for browsers. */
async function site(t: Test): Promise<string> {
  const script = await readFile(join(installed, 'dist/browser/understudy.js'))
  const server = createServer((request, response) => {
    if (request.url === '/understudy.js') response.setHeader('content-type', 'text/javascript').end(script)
    else response.setHeader('content-type', 'text/html').end('<!doctype html><title>App</title>')
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the site has no port')
  return `http://127.0.0.1:${bound.port}`
}

t.test(
  'in a browser, a page of a configured origin makes a video with it',
  { skip: withoutBrowser },
  async (t) => {
    const origin = await site(t)
    const gateway = await startGateway(t, {
      live: true,
      upstreams: [quick],
      server: { cors_origins: [origin] },
    })
    const page = await (await startBrowser(t)).newPage()
    await page.goto(origin)
    const script = `async ({ address, key }) => {
    const { UnderstudyError, createUnderstudy } = await import('/understudy.js')
    const understudy = createUnderstudy({ baseUrl: address, apiKey: key })
    const seen = []
    const onProgress = ({ progress }) => seen.push(progress)
    const done = await understudy.generateAndWait({ prompt: 'a mill', duration: 5 }, { onProgress })
    const { byteLength } = await new Response(await understudy.download(done.id)).arrayBuffer()
    const error = await understudy.generate({ prompt: '' }).catch((cause) => cause)
    return { isWhole: byteLength === done.video.bytes, last: seen.at(-1), isTyped: error instanceof UnderstudyError, code: error.code }
  }`
    const result = await page.evaluate(
      `(${script})(${JSON.stringify({ address: gateway.address, key: keys.studio })})`,
    )
    t.same(result, { isWhole: true, last: 100, isTyped: true, code: 'validation_failed' })
  },
)
