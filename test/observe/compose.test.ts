import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { startBuiltin } from '../../src/gateway/builtin-config.ts'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { root, textOf } from '../docs/files.ts'

const text = textOf('docker-compose.yml')
const Service = z.looseObject({
  profiles: z.array(z.string()).default([]),
  image: z.string().optional(),
  depends_on: z.array(z.string()).default([]),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  secrets: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  cpus: z.number().optional(),
  mem_limit: z.string().optional(),
  pids_limit: z.int().optional(),
})
const Compose = z.strictObject({
  services: z.record(z.string(), Service),
  secrets: z.record(z.string(), z.strictObject({ environment: z.string() })),
  volumes: z.record(z.string(), z.null()),
})
const { services, secrets, volumes } = Compose.parse(parse(text))
const observers = Object.entries(services).filter(([, { profiles }]) => profiles.includes('observe'))

/** The JSON Schema of the Compose Specification, which dclint brings along. */
const schema = z
  .looseObject({})
  .parse(
    JSON.parse(
      readFileSync(
        new URL('schemas/compose.schema.json', import.meta.resolve('dclint/package.json')),
        'utf8',
      ),
    ),
  )
const isCompose = addFormats.default(new Ajv({ allErrors: true, strict: false })).compile({
  ...schema,
  // It names its draft by an address that Ajv does not know.
  $schema: 'http://json-schema.org/draft-07/schema#',
})

function faultsOf(compose: string): string[] {
  isCompose(parse(compose))
  return (isCompose.errors ?? []).map(
    ({ instancePath, params }) => `${instancePath} ${JSON.stringify(params)}`,
  )
}

t.test('docker-compose.yml follows the schema of the Compose Specification', (t) => {
  t.same(faultsOf(text), [])
  t.match(faultsOf(text.replace('mem_limit: 1g', 'mem_limits: 1g')).join(), /prometheus .*"mem_limits"/)
  t.match(faultsOf(text.replace('profiles: [observe]', 'profiles: observe')).join(), /profiles .*"array"/)
  t.end()
})

t.test('without the profile, the gateway alone starts, and needs no variable', (t) => {
  t.same(
    Object.keys(services).filter((name) => !observers.some(([observer]) => observer === name)),
    ['understudy'],
  )
  t.notMatch(text, /\$\{[^}]*:\?/, 'a variable that is required is required without the profile, too')
  t.end()
})

t.test('what watches has an exact version, limits, no port to outside and no password', (t) => {
  t.same(
    observers.map(([name]) => name),
    ['prometheus', 'grafana'],
  )
  for (const [name, service] of observers) {
    t.match(service.image, /:v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?$/, name)
    t.ok(
      service.cpus !== undefined && service.mem_limit !== undefined && service.pids_limit !== undefined,
      name,
    )
    for (const port of service.ports) t.match(port, /^127\.0\.0\.1:/, name)
    t.notMatch(Object.keys(service.environment).join(' '), /PASSWORD/, name)
  }
  t.end()
})

t.test('every file that a service mounts exists, and so do its secrets, volumes and neighbours', (t) => {
  for (const [name, service] of observers) {
    for (const volume of service.volumes) {
      const [source = ''] = volume.split(':')
      t.ok(source.startsWith('./') ? existsSync(join(root, source)) : source in volumes, `${name}: ${source}`)
    }
    for (const secret of service.secrets) t.ok(secret in secrets, secret)
    for (const other of service.depends_on) t.ok(other in services, other)
  }
  t.ok(textOf('deploy/observe/prometheus.yml').includes('/run/secrets/observe_key'))
  t.ok(textOf('deploy/observe/prometheus.yml').includes("'understudy:8787'"))
  t.ok(
    textOf('deploy/observe/grafana/provisioning/datasources/prometheus.yml').includes(
      'http://prometheus:9090',
    ),
  )
  t.end()
})

t.test(
  'without a configuration, the gateway of the Compose file has metrics for Prometheus to read',
  async (t) => {
    const { simulator, text: builtin } = await startBuiltin()
    t.teardown(() => simulator.close())
    const loaded = loadConfig({ text: builtin, fileName: null, env: {}, knownDialects, inlineDialects })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    t.same(loaded.config.metrics, { listen: null })
  },
)
