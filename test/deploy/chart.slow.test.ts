import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { textOf } from '../docs/files.ts'
import { environmentOf, readDockerfile } from './image/dockerfile.ts'
import { checkChart } from './chart/check-chart.ts'

const secrets = { existingSecret: 'understudy-secrets' }
const scaled = { autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 10 } }
const cases = {
  split: { secrets },
  all: { secrets, mode: 'all' },
  everything: {
    image: { digest: `sha256:${'0'.repeat(64)}` },
    imagePullSecrets: [{ name: 'registry' }],
    secrets: { externalSecret: { enabled: true, storeRef: { name: 'vault' }, remoteKey: 'understudy' } },
    media: { storageClass: 'nfs' },
    podLabels: { team: 'video' },
    podAnnotations: { note: 'x' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'video', operator: 'Exists' }],
    priorityClassName: 'high',
    api: scaled,
    worker: scaled,
    ingress: { enabled: true, className: 'nginx', tlsSecret: 'tls', annotations: { a: 'b' } },
    networkPolicy: { apiFrom: [{ namespaceSelector: {} }], metricsFrom: [{ namespaceSelector: {} }] },
    podMonitor: { enabled: true, labels: { release: 'prometheus' } },
  },
  bare: {
    secrets,
    migrations: { enabled: false },
    media: { existingClaim: 'videos' },
    networkPolicy: { enabled: false },
    api: { podDisruptionBudget: { enabled: false } },
  },
  bucket: { secrets, media: { s3: { bucket: 'videos' } } },
  pooledBucket: {
    secrets,
    database: { listenUrlKey: 'DIRECT_URL', settings: { connections: 20 } },
    media: {
      settings: { retention_days: 7, max_bytes: 1_000_000_000 },
      s3: {
        bucket: 'videos',
        prefix: 'understudy',
        endpoint: 'https://s3.example:9000',
        existingSecret: 'bucket-keys',
        accessKeyKey: 'access-key',
        secretKeyKey: 'secret-key',
        bufferBytes: 4_000_000_000,
      },
    },
  },
  ownBucket: { secrets, config: 'media: { url: "s3://videos" }' },
  withoutSecret: {},
  twoStorages: {
    secrets,
    config: 'storage: { url: "${DATABASE_URL}" }',
    database: { listenUrlKey: 'DIRECT_URL' },
  },
  twoMedia: { secrets, config: 'media: { url: "file:/media" }', media: { s3: { bucket: 'videos' } } },
  twoPlaces: { secrets, media: { existingClaim: 'videos', s3: { bucket: 'videos' } } },
  brokenConfig: { secrets, config: 'server: [' },
  reserved: { secrets, media: { settings: { url: 's3://videos' } } },
  misspelt: { secrets, worker: { replica: 3 } },
  wrongMode: { secrets, mode: 'both' },
}
const results = checkChart(cases, ['1.27.0', '1.37.0'])
const resultOf = (name: keyof typeof cases) => {
  const result = results[name]
  if (result === undefined) throw new Error(name)
  return result
}
const kindsOf = (name: keyof typeof cases) =>
  resultOf(name)
    .documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .toSorted()

t.test('Helm finds nothing wrong, and what it renders follows the schemas of Kubernetes', (t) => {
  for (const name of ['split', 'all', 'everything', 'bare', 'bucket', 'pooledBucket', 'ownBucket'] as const) {
    const { lint, refused, faults } = resultOf(name)
    t.same({ lint, refused, faults }, { lint: [], refused: null, faults: [] }, name)
  }
  t.same([...new Set(resultOf('everything').unknown)].toSorted(), ['ExternalSecret', 'PodMonitor'])
  t.end()
})

t.test('values that are wrong or missing are refused with their name', (t) => {
  t.match(resultOf('withoutSecret').refused, 'secrets.existingSecret is required')
  t.match(resultOf('misspelt').refused, 'replica')
  t.match(resultOf('wrongMode').refused, 'mode')
  t.match(resultOf('twoStorages').refused, 'config has the section storage')
  t.match(resultOf('twoMedia').refused, 'config has the section media')
  t.match(resultOf('twoPlaces').refused, 'media.existingClaim has no use where media.s3.bucket is set')
  t.match(resultOf('brokenConfig').refused, 'config is not YAML')
  t.match(resultOf('reserved').refused, '/media/settings/url')
  t.end()
})

const hookOf = (name: keyof typeof cases) =>
  resultOf(name).documents.find(({ kind }) => kind === 'Job')?.metadata.annotations['helm.sh/hook']

t.test('each role is a Deployment with a budget of disruptions; migrations are a Job before', (t) => {
  t.same(kindsOf('split'), [
    'ConfigMap understudy',
    'ConfigMap understudy-migrations',
    'Deployment understudy-api',
    'Deployment understudy-worker',
    'Job understudy-migrations',
    'NetworkPolicy understudy',
    'PersistentVolumeClaim understudy-media',
    'PodDisruptionBudget understudy-api',
    'PodDisruptionBudget understudy-worker',
    'Service understudy',
  ])
  t.match(kindsOf('all').join(), 'Deployment understudy-all')
  t.notMatch(kindsOf('all').join(), 'Deployment understudy-api')
  t.match(
    kindsOf('everything').join(),
    /HorizontalPodAutoscaler understudy-api.*HorizontalPodAutoscaler understudy-worker/,
  )
  t.equal(hookOf('split'), 'pre-install,pre-upgrade')
  t.equal(hookOf('everything'), 'pre-upgrade', 'the Secret is not there before the first installation')
  t.end()
})

const Pods = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({
      automountServiceAccountToken: z.literal(false),
      terminationGracePeriodSeconds: z.number().optional(),
      securityContext: z.looseObject({
        runAsNonRoot: z.literal(true),
        runAsUser: z.literal(1000),
        seccompProfile: z.looseObject({ type: z.literal('RuntimeDefault') }),
      }),
      containers: z.array(
        z.looseObject({
          securityContext: z.looseObject({
            allowPrivilegeEscalation: z.literal(false),
            readOnlyRootFilesystem: z.literal(true),
            capabilities: z.looseObject({ drop: z.tuple([z.literal('ALL')]) }),
          }),
          env: z.array(z.looseObject({ name: z.string() })),
          resources: z.looseObject({ requests: z.looseObject({}), limits: z.looseObject({}) }),
          volumeMounts: z.array(
            z.looseObject({ mountPath: z.string(), readOnly: z.boolean().default(false) }),
          ),
        }),
      ),
    }),
  }),
})

const writtenIn = (name: keyof typeof cases, kind: string) =>
  resultOf(name)
    .documents.filter((one) => one.kind === kind)
    .map(({ spec }) =>
      Pods.parse(spec).template.spec.containers.flatMap(({ volumeMounts }) =>
        volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath),
      ),
    )

t.test('every pod is without rights, with a read-only root, and has time to drain', (t) => {
  for (const { kind, spec } of resultOf('split').documents.filter((one) =>
    ['Deployment', 'Job'].includes(one.kind),
  )) {
    const pod = Pods.parse(spec).template.spec
    // 5 seconds for balancers, and 20 in which the gateway finishes calls.
    if (kind === 'Deployment') t.ok((pod.terminationGracePeriodSeconds ?? 0) >= 30)
  }
  t.same(writtenIn('split', 'Job'), [['/tmp']])
  t.same(
    writtenIn('split', 'Deployment'),
    Array.from({ length: 2 }, () => ['/media', '/app/data', '/tmp']),
  )
  t.end()
})

const key = (variable: string, secret: string, name: string) => ({
  name: variable,
  valueFrom: { secretKeyRef: { name: secret, key: name } },
})

t.test('with a bucket no pod shares a volume, and the keys of the bucket come from their Secret', (t) => {
  for (const name of ['bucket', 'pooledBucket', 'ownBucket'] as const) {
    t.notMatch(kindsOf(name).join(), 'PersistentVolumeClaim', name)
    t.same(
      writtenIn(name, 'Deployment'),
      Array.from({ length: 2 }, () => ['/buffer', '/app/data', '/tmp']),
      name,
    )
  }
  for (const { kind, spec } of resultOf('pooledBucket').documents.filter((one) =>
    ['Deployment', 'Job'].includes(one.kind),
  ))
    t.match(
      Pods.parse(spec).template.spec.containers[0]?.env.slice(-2),
      [key('S3_ACCESS_KEY', 'bucket-keys', 'access-key'), key('S3_SECRET_KEY', 'bucket-keys', 'secret-key')],
      kind,
    )
  const egress = resultOf('pooledBucket').documents.find(({ kind }) => kind === 'NetworkPolicy')?.spec
  t.match(JSON.stringify(egress), /443.*5432.*9000/, 'the port of the storage is open')
  t.end()
})

const upstreams = [
  {
    id: 'relay',
    kind: 'reverse',
    dialect: 'openai-videos',
    base_url: 'https://relay.example/v1',
    api_key: 'key-of-a-relay',
    models: { 'sora-2': 'sora-2' },
    price: { per_request_usd: 0.1 },
  },
]

/** What a worker is started with, by the ConfigMaps of a rendered chart: one for the pods, one for the Job. */
function loadedFrom(name: keyof typeof cases) {
  const texts = resultOf(name).documents.flatMap(({ data }) => data?.['understudy.yaml'] ?? [])
  t.equal(new Set(texts).size, 1, `${name}: the Job has the configuration of the pods`)
  const server = 'understudy:pw@db.example:5432/understudy'
  const env = {
    ...environmentOf(readDockerfile(), 'gateway'),
    UNDERSTUDY_ROLE: 'worker',
    DATABASE_URL: `postgres://${server}`,
    DIRECT_URL: `postgres://direct-${server}`,
    S3_ACCESS_KEY: 'access-key-of-the-bucket',
    S3_SECRET_KEY: 'secret-key-of-the-bucket',
  }
  const text = (texts[0] ?? '').replace('upstreams: []', `upstreams: ${JSON.stringify(upstreams)}`)
  return loadConfig({ text, fileName: null, env, knownDialects, inlineDialects })
}

t.test('the configuration is one that the gateway starts with, once it has upstreams', (t) => {
  const server = { host: '0.0.0.0', port: 8787, role: 'worker' }
  t.match(loadedFrom('split'), { ok: true, config: { server, media: { directory: '/media', s3: null } } })
  const s3 = {
    bucket: 'videos',
    prefix: '',
    region: 'us-east-1',
    pathStyle: false,
    bufferBytes: 8_589_934_592,
  }
  t.match(loadedFrom('bucket'), { ok: true, config: { server, media: { directory: '/buffer', s3 } } })
  t.match(loadedFrom('pooledBucket'), {
    ok: true,
    config: {
      server,
      storage: {
        connections: 20,
        preparedStatements: false,
        listen: { address: 'db.example:5432/understudy' },
      },
      media: {
        retentionDays: 7,
        maxBytes: 1_000_000_000,
        s3: { prefix: 'understudy', endpoint: 'https://s3.example:9000', bufferBytes: 4_000_000_000 },
      },
    },
    secrets: {
      database: { listen: { url: /direct-understudy/ } },
      bucket: { accessKey: 'access-key-of-the-bucket' },
    },
  })
  t.end()
})

t.test('the README has every value, and chart and application have the version of the package', (t) => {
  const values: unknown = parse(textOf('deploy/helm/understudy/values.yaml'))
  const readme = textOf('deploy/helm/understudy/README.md')
  const pathsOf = (value: unknown, path: string): string[] =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length > 0 &&
    !path.endsWith('resources')
      ? Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, path === '' ? key : `${path}.${key}`))
      : [path]
  t.same(
    pathsOf(values, '').filter((path) => !readme.includes(`\`${path.replace(/^(api|worker)\./, 'ROLE.')}\``)),
    [],
  )
  const { version } = z.looseObject({ version: z.string() }).parse(JSON.parse(textOf('package.json')))
  t.match(parse(textOf('deploy/helm/understudy/Chart.yaml')), { version, appVersion: version })
  t.end()
})
