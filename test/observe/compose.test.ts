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
  depends_on: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown()).transform(Object.keys)])
    .default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()),
  secrets: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  cpus: z.number().optional(),
  mem_limit: z.string().optional(),
  pids_limit: z.int().optional(),
  networks: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
})
const Compose = z.strictObject({
  services: z.record(z.string(), Service),
  secrets: z.record(z.string(), z.strictObject({ environment: z.string() })),
  volumes: z.record(z.string(), z.null()),
  networks: z.record(z.string(), z.unknown()),
})
const composed = (compose: string): unknown => parse(compose, { merge: true })
const { services, secrets, volumes, networks } = Compose.parse(composed(text))
const inProfile = (profile: string) =>
  Object.entries(services).filter(([, { profiles }]) => profiles.includes(profile))
const observers = inProfile('observe')
const scaled = inProfile('scale')

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
  isCompose(composed(compose))
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
    Object.keys(services).filter((name) => services[name]?.profiles.length === 0),
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

t.test('what scales has an exact version, limits, a health check and no rights, and one port', (t) => {
  t.same(
    scaled.map(([name]) => name),
    ['proxy', 'gateway-a', 'gateway-b', 'postgres', 's3'],
  )
  for (const [name, service] of scaled) {
    const isBuilt = name.startsWith('gateway-')
    // The image of the gateway has its own.
    t.equal(service.healthcheck === undefined, isBuilt, name)
    if (!isBuilt) t.match(service.image, /:\d+\.\d+(\.\d+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$/, name)
    t.ok(
      service.cpus !== undefined && service.mem_limit !== undefined && service.pids_limit !== undefined,
      name,
    )
    t.ok(service.read_only, name)
    t.same(service.cap_drop, ['ALL'], name)
    for (const network of service.networks) t.ok(network in networks, network)
    for (const port of service.ports) t.match(port, /^127\.0\.0\.1:/, name)
    t.equal(service.ports.length, name === 'proxy' ? 1 : 0, name)
    for (const [variable, value] of Object.entries(service.environment))
      if (/PASSWORD|KEY|CREDENTIAL|IDENTITY/.test(variable))
        t.match(value ?? '${X:-}', /^\$\{\w+:-\}$/, variable)
  }
  t.end()
})

t.test('the gateways that scale load their configuration with the variables they are passed', (t) => {
  const { 'gateway-a': first, 'gateway-b': second } = services
  if (!first || !second) throw new Error('There are not two gateways.')
  t.same(first.environment, second.environment)
  t.strictNotSame(first.volumes, second.volumes, 'each has a buffer of its own')
  const passed = Object.entries(first.environment)
    .filter(([, value]) => value === null)
    .map(([name]) => name)
  const file = textOf('deploy/compose/understudy.yaml')
  const load = (names: string[]) =>
    loadConfig({
      text: file,
      fileName: 'understudy.yaml',
      env: Object.fromEntries(names.map((name) => [name, `a-long-value-of-${name}`])),
      knownDialects,
      inlineDialects,
    })
  const loaded = load(passed)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  t.same(loaded.warnings, [])
  t.match(loaded.config, {
    server: { role: 'all' },
    storage: { type: 'postgres', address: 'postgres:5432/understudy' },
  })
  for (const name of passed)
    t.match(load(passed.filter((other) => other !== name)), { ok: false }, `${name} is needed`)
  t.match(file, 'endpoint: http://s3:8080')
  const subnet = /trust_proxy: \[([\d./]+)\]/.exec(file)?.[1]
  t.match(networks['front'], { ipam: { config: [{ subnet }] } })
  t.end()
})

/** The part of a site of nginx that says how calls are passed on. */
const rulesOf = (site: string) => site.slice(site.indexOf('    client_max_body_size'))

t.test('the proxy of what scales passes calls on as the site of nginx does, to both gateways', (t) => {
  const proxy = textOf('deploy/compose/nginx.conf')
  t.equal(rulesOf(proxy), rulesOf(textOf('deploy/nginx/understudy.conf')))
  t.same(
    [...proxy.matchAll(/^ +server ([\w-]+):8787 resolve;$/gm)].map(([, name]) => name),
    ['gateway-a', 'gateway-b'],
  )
  t.end()
})

t.test('every file that a service mounts exists, and so do its secrets, volumes and neighbours', (t) => {
  for (const [name, service] of [...observers, ...scaled]) {
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
