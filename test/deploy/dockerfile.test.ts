import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { base } from '../config/base.ts'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { removeAddressFile, writeAddressFile } from '../../src/gateway/process/address-file.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { sentOf } from './image/context.ts'
import { environmentOf, expand, readDockerfile, stepsOf } from './image/dockerfile.ts'

const dockerfile = readDockerfile()
const dialects = { knownDialects, inlineDialects }

t.test('every stage comes from one base, which a release can pin by its digest', (t) => {
  const digest = `node:24@sha256:${'0'.repeat(64)}`
  const names = new Set(dockerfile.stages.map(({ name }) => name))
  for (const { name, from } of dockerfile.stages)
    t.ok(names.has(from) || expand(from, { BASE: digest }) === digest, name)
  t.match(dockerfile.args, { BASE: /^node:24\.\d+\.\d+-/ })
  t.equal(dockerfile.stages.at(-1)?.name, 'gateway', 'what is built without a target')
  t.end()
})

t.test('the image says nothing of host and port that would stand above the file', (t) => {
  const env = environmentOf(dockerfile, 'gateway')
  const read = (text: string | null, more = {}) =>
    loadConfig({ text, fileName: null, env: { ...env, ...more }, ...dialects })
  const named = base.replace('server: { port: 8787 }', 'server: { host: 127.0.0.9, port: 9000 }')
  t.match(read(named), { config: { server: { host: '127.0.0.9', port: 9000 } } })
  t.match(
    read(base),
    { config: { server: { host: '0.0.0.0', port: 8787 } } },
    'else it is reached from outside',
  )
  t.match(read(null), { config: { server: { host: '0.0.0.0', port: 8787 } } })
  t.match(read(named, { HOST: '127.0.0.8' }), { config: { server: { host: '127.0.0.8' } } })
  t.match(read(base, { HOST: '127.0.0.8', UNDERSTUDY_DEFAULT_HOST: '127.0.0.7' }), {
    config: { server: { host: '127.0.0.8' } },
  })
  t.match(read(base, { UNDERSTUDY_DEFAULT_HOST: 'http://x' }), {
    ok: false,
    problems: [{ path: 'UNDERSTUDY_DEFAULT_HOST' }],
  })
  t.end()
})

t.test('it runs as a user by number, with a health check', (t) => {
  const steps = stepsOf(dockerfile, 'gateway')
  t.match(
    steps.findLast(({ does }) => does === 'user'),
    { value: /^[1-9]\d*:[1-9]\d*$/ },
  )
  t.match(
    steps.find(({ does }) => does === 'healthcheck'),
    { words: ['node', '/app/.tooling/health.mjs'] },
  )
  const labels = steps.flatMap((step) => (step.does === 'label' ? Object.keys(step.values) : []))
  for (const name of ['title', 'licenses', 'version', 'revision', 'created', 'base.name'])
    t.ok(labels.includes(`org.opencontainers.image.${name}`), name)
  t.end()
})

t.test('an engine is sent what the steps copy, and no data, key, history or test', (t) => {
  const kept = ['.env', 'src/.env.local', 'data/secrets.json', 'data/understudy.db', '.git/config', '.npmrc']
  const others = [
    'test/clock.test.ts',
    'docs/SCALE.md',
    'node_modules/a/b.js',
    'understudy.yaml',
    'src/console/dist/x.js',
  ]
  t.same(sentOf([...kept, ...others]), [])
  const copied = dockerfile.stages.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.does === 'copy' && step.from === null ? step.sources : [])),
  )
  t.same(
    copied.filter((path) => sentOf([/\.\w+$|LICENSE/.test(path) ? path : `${path}/a.ts`]).length === 0),
    [],
  )
  t.end()
})

t.test('the address of the gateway is in its file while it listens', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-address-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'address')
  t.equal(writeAddressFile(file, 'http://127.0.0.1:1'), null)
  t.equal(readFileSync(file, 'utf8'), 'http://127.0.0.1:1\n')
  removeAddressFile(file)
  t.throws(() => readFileSync(file), { code: 'ENOENT' })
  removeAddressFile(file)
  t.match(writeAddressFile(join(folder, 'none/address'), 'http://127.0.0.1:1'), 'ENOENT')
  t.end()
})
