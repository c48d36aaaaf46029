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
  withoutSecret: {},
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
  for (const name of ['split', 'all', 'everything', 'bare'] as const) {
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
          resources: z.looseObject({ requests: z.looseObject({}), limits: z.looseObject({}) }),
          volumeMounts: z.array(
            z.looseObject({ mountPath: z.string(), readOnly: z.boolean().default(false) }),
          ),
        }),
      ),
    }),
  }),
})

t.test('every pod is without rights, with a read-only root, and has time to drain', (t) => {
  for (const { kind, spec } of resultOf('split').documents.filter((one) =>
    ['Deployment', 'Job'].includes(one.kind),
  )) {
    const pod = Pods.parse(spec).template.spec
    const written = pod.containers.flatMap(({ volumeMounts }) =>
      volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath),
    )
    t.same(written, kind === 'Job' ? ['/tmp'] : ['/media', '/app/data', '/tmp'], kind)
    // 5 seconds for balancers, and 20 in which the gateway finishes calls.
    if (kind === 'Deployment') t.ok((pod.terminationGracePeriodSeconds ?? 0) >= 30)
  }
  t.end()
})

t.test('the configuration of the values is one that the gateway starts with, once it has upstreams', (t) => {
  const { config } = z
    .looseObject({ config: z.string() })
    .parse(parse(textOf('deploy/helm/understudy/values.yaml')))
  const upstreams = JSON.stringify([
    {
      id: 'relay',
      kind: 'reverse',
      dialect: 'openai-videos',
      base_url: 'https://relay.example/v1',
      api_key: 'key-of-a-relay',
      models: { 'sora-2': 'sora-2' },
      price: { per_request_usd: 0.1 },
    },
  ])
  const env = {
    ...environmentOf(readDockerfile(), 'gateway'),
    UNDERSTUDY_ROLE: 'worker',
    DATABASE_URL: 'postgres://understudy:pw@db.example:5432/understudy',
  }
  const text = config.replace('upstreams: []', `upstreams: ${upstreams}`)
  const loaded = loadConfig({ text, fileName: null, env, knownDialects, inlineDialects })
  t.match(loaded, { ok: true, config: { server: { host: '0.0.0.0', port: 8787, role: 'worker' } } })
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
