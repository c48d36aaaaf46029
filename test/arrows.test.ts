import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import * as z from 'zod'

const root = new URL('..', import.meta.url).pathname

/** Which rooms of the gateway a room may import, beside itself. */
const rooms: Record<string, readonly string[]> = {
  domain: [],
  ports: ['domain'],
  services: ['domain', 'ports'],
  workers: ['domain', 'ports'],
  storage: ['domain', 'ports'],
  media: ['domain', 'ports'],
  upstreams: ['domain', 'ports'],
  observability: ['domain', 'ports'],
  http: ['domain', 'ports', 'services', 'parsing'],
  config: ['domain', 'parsing'],
  parsing: [],
  process: ['ports'],
  'try-dialect': ['config', 'domain', 'ports', 'upstreams'],
  init: ['config', 'domain', 'parsing', 'upstreams'],
  moving: ['domain', 'ports', 'media', 'storage'],
  wiring: [
    'domain',
    'ports',
    'services',
    'workers',
    'storage',
    'media',
    'upstreams',
    'observability',
    'http',
    'config',
    'parsing',
    'process',
    'try-dialect',
    'init',
    'moving',
  ],
}
const programs: Record<string, readonly string[]> = {
  simulator: [],
  cli: [],
  demo: ['gateway', 'simulator'],
}
/** The rooms that may import a package that only some may. */
const packages: Record<string, readonly string[]> = {
  undici: ['gateway/upstreams/transport', 'gateway/media/s3/requests'],
  opossum: ['gateway/upstreams/breakers'],
  kysely: ['gateway/storage'],
  fastify: ['gateway/http', 'simulator'],
  'node:http': ['gateway/http', 'simulator'],
  sharp: ['gateway/media', 'simulator'],
  mediabunny: ['gateway/media', 'simulator'],
  'prom-client': ['gateway/observability'],
  '@opentelemetry/api': ['gateway/observability'],
}

interface Arrow {
  from: string
  to: string
  isAllowed: boolean
}

function arrows(): Arrow[] {
  const gatewayRooms = Object.keys(rooms)
  const places = [
    ...gatewayRooms.map((room) => `gateway/${room}`),
    'gateway/upstreams/transport',
    ...Object.keys(programs),
  ]
  return places.flatMap((from) =>
    places.flatMap((to) => {
      if (from === to || (from.startsWith('gateway/upstreams') && to.startsWith('gateway/upstreams')))
        return []
      return [{ from, to, isAllowed: isAllowed(from, to) }]
    }),
  )
}

function isAllowed(from: string, to: string): boolean {
  const [program = '', room = ''] = from.split('/')
  const [toProgram = '', toRoom = ''] = to.split('/')
  if (program === 'gateway' && toProgram === 'gateway') return (rooms[room] ?? []).includes(toRoom)
  return (programs[program] ?? []).includes(toProgram)
}

const Report = z.object({
  diagnostics: z.array(z.object({ filename: z.string(), code: z.string().optional(), message: z.string() })),
})

/** The files of a made-up tree that the project's rules find fault with, by rule. */
async function findings(t: Test, files: ReadonlyMap<string, string>, rule: RegExp): Promise<Set<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-arrows-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8'))
  config.options.typeAware = false
  config.options.reportUnusedDisableDirectives = 'off'
  writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify(config))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/oxlint/dist/cli.js'), '--format=json', 'src'],
    { cwd: folder, maxBuffer: 64 * 2 ** 20, env: {} },
  ).catch((error: { stdout: string; stderr: string }) => error)
  if (stdout === '') throw new Error(stderr)
  const { diagnostics } = Report.parse(JSON.parse(stdout))
  return new Set(diagnostics.filter(({ code }) => rule.test(code ?? '')).map(({ filename }) => filename))
}

const kinds: Record<string, (to: string) => string> = {
  import: (to) => `import { stub } from '${to}'\nexport const used = stub\n`,
  'import-type': (to) => `import type { Stub } from '${to}'\nexport type Used = Stub\n`,
  'export-from': (to) => `export { stub } from '${to}'\n`,
  'dynamic-import': (to) => `export const used = await import('${to}')\n`,
}

t.test(
  'an import across a forbidden arrow is an error, however it is written and however deep it stands',
  async (t) => {
    const files = new Map<string, string>()
    const wanted = new Set<string>()
    for (const { from, to, isAllowed } of arrows()) {
      files.set(`src/${to}/stub.ts`, 'export const stub = 1\nexport type Stub = number\n')
      files.set(`src/${to}/deep/stub.ts`, 'export const stub = 1\nexport type Stub = number\n')
      const name = to.replaceAll('/', '-')
      for (const [kind, text] of Object.entries(kinds)) {
        const shallow = `src/${from}/${kind}-${name}.ts`
        const deep = `src/${from}/deep/deeper/${kind}-${name}.ts`
        const up = '../'.repeat(from.split('/').length)
        files.set(shallow, text(`${up}${to}/stub.ts`))
        files.set(deep, text(`${up}../../${to}/deep/stub.ts`))
        if (!isAllowed) wanted.add(shallow).add(deep)
      }
    }
    const found = await findings(t, files, /no-restricted-paths/)
    t.same(
      [...wanted].filter((each) => !found.has(each)),
      [],
      'every forbidden arrow is found',
    )
    t.same(
      [...found].filter((each) => !wanted.has(each)),
      [],
      'no allowed arrow is',
    )
    t.ok(wanted.size > 500)
  },
)

t.test('a package belongs to the rooms that it is for', async (t) => {
  const files = new Map<string, string>()
  const wanted = new Set<string>()
  const places = [
    ...Object.keys(rooms)
      .filter((room) => room !== 'wiring')
      .map((room) => `gateway/${room}`),
    'gateway/upstreams/transport',
    'gateway/media/s3/requests',
    'simulator',
    'cli',
  ]
  for (const place of places) {
    for (const [name, allowed] of Object.entries(packages)) {
      const file = `src/${place}/${name.replaceAll(/[^a-z]/g, '-')}.ts`
      files.set(file, `import * as used from '${name}'\nexport const shown = used\n`)
      if (!allowed.includes(place)) wanted.add(file)
    }
  }
  const found = await findings(t, files, /no-restricted-imports/)
  t.same(
    [...wanted].filter((each) => !found.has(each)),
    [],
  )
  t.same(
    [...found].filter((each) => !wanted.has(each)),
    [],
  )
})

t.test('a circle of imports is an error, also one of types alone', async (t) => {
  const files = new Map<string, string>()
  for (const [one, other] of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
  ]) {
    const next = other?.toUpperCase()
    files.set(
      `src/gateway/domain/${one}.ts`,
      `import type { ${next} } from './${other}.ts'\nexport interface ${one?.toUpperCase()} { next: ${next} | null }\n`,
    )
  }
  files.set('src/gateway/domain/d.ts', `import type { A } from './a.ts'\nexport type D = A\n`)
  t.same(
    [...(await findings(t, files, /no-cycle/))].toSorted(),
    ['a', 'b', 'c'].map((name) => `src/gateway/domain/${name}.ts`),
  )
})
