import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { checkConfig, loadConfig, readConfig } from '../../src/gateway/config/load-config.ts'
import { keyIdOf } from '../../src/gateway/config/keys/key-id.ts'
import { usualCostRules } from '../../src/gateway/domain/attempts/vendor-cost.ts'
import { knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { orList } from '../../src/gateway/config/document/wording.ts'
import { accepted, base, changed, dialectNames, example, exampleEnv, report } from './base.ts'

const named = { knownDialects: dialectNames }

t.test('the documented example loads, in milliseconds and micro-dollars', async (t) => {
  const { config, secrets, warnings } = accepted(example, exampleEnv)
  t.same(warnings, [])
  t.same(config.server, {
    host: '127.0.0.1',
    port: 8787,
    publicUrl: 'http://127.0.0.1:8787',
    trustProxy: [],
    corsOrigins: [],
    eventStreams: 10_000,
    role: 'all',
  })
  t.same(config.storage, { type: 'sqlite', file: './data/understudy.db' })
  t.same(config.media, { directory: './data/media', retentionDays: 30, maxBytes: 2_147_483_648, s3: null })
  t.same(config.clients, [
    {
      tenant: 'studio',
      key: 'marketing',
      keyId: keyIdOf('marketing'),
      allowUpstreams: null,
      allowModels: null,
      scopes: ['generate'],
      allow: ['official', 'reverse', 'self_hosted'],
      monthlyBudgetMicros: 200_000_000,
      requestsPerMinute: 120,
      maxInFlight: 20,
      webhookUrl: null,
    },
    {
      tenant: 'bank',
      key: 'bank',
      keyId: keyIdOf('bank'),
      allowUpstreams: null,
      allowModels: null,
      scopes: ['generate'],
      allow: ['official'],
      monthlyBudgetMicros: null,
      requestsPerMinute: null,
      maxInFlight: null,
      webhookUrl: null,
    },
    {
      tenant: 'ops',
      key: 'ops',
      keyId: keyIdOf('ops'),
      allowUpstreams: null,
      allowModels: null,
      scopes: ['admin'],
      allow: ['official', 'reverse', 'self_hosted'],
      monthlyBudgetMicros: null,
      requestsPerMinute: null,
      maxInFlight: null,
      webhookUrl: null,
    },
  ])
  t.same(config.routing, {
    model: 'sora-2',
    priority: 'cost',
    fallback: true,
    characterFidelity: 'any',
    onUnknown: 'fail',
    unknownHoldMs: 600_000,
    onUnexplained: 'fallback',
    watchMs: 86_400_000,
    deadlineMs: 1_800_000,
  })
  t.same(config.fetch, { allowPrivateHosts: [], minBytesPerSecond: 16_384, dnsServers: null })
  t.same(config.upstreams, [
    {
      spec: {
        id: 'reseller-a',
        kind: 'reverse',
        dialect: 'sora-tasks',
        models: { 'sora-2': 'sora-2' },
        durations: [5, 10, 15],
        sizes: ['1280x720', '720x1280'],
        references: [],
        characters: 'native',
        maxCharacters: 5,
        characterClip: null,
        maxPromptCharacters: null,
        price: { type: 'per_request', micros: 120_000 },
        chargedOn: 'success',
        costRules: usualCostRules,
        maxInFlight: 50,
        createsPerMinute: 300,
        pollsPerSecond: 10,
        poll: { firstAfterMs: 20_000, everyMs: 5_000 },
        stallMs: 300_000,
        attemptMs: 900_000,
      },
      baseUrl: 'https://api.reseller.example/v1',
      profile: 'generic',
      traits: {},
      description: null,
      timeouts: { connectMs: 5_000, createMs: 60_000 },
      breaker: { failureRate: 0.5, windowMs: 60_000, minCalls: 5, openMs: 30_000 },
      modelGoneMs: 900_000,
      idempotencyHeader: null,
      createServerError: 'rejected',
      answers: { says: {}, words: {} },
    },
    {
      spec: {
        id: 'openai',
        kind: 'official',
        dialect: 'openai-videos',
        models: { 'sora-2': 'sora-2', 'sora-2-pro': 'sora-2-pro' },
        durations: [4, 8, 12],
        sizes: ['1280x720', '720x1280'],
        references: ['image', 'video'],
        sourceVideos: 'own',
        characters: 'reference',
        maxCharacters: 5,
        characterClip: null,
        maxPromptCharacters: null,
        price: { type: 'per_second', micros: { default: 100_000 } },
        chargedOn: 'success',
        costRules: usualCostRules,
        maxInFlight: null,
        createsPerMinute: null,
        pollsPerSecond: null,
        poll: { firstAfterMs: 10_000, everyMs: 5_000 },
        stallMs: 300_000,
        attemptMs: 900_000,
      },
      baseUrl: 'https://api.openai.com/v1',
      profile: 'openai',
      traits: {},
      description: null,
      timeouts: { connectMs: 5_000, createMs: 60_000 },
      breaker: { failureRate: 0.5, windowMs: 60_000, minCalls: 5, openMs: 30_000 },
      modelGoneMs: 900_000,
      idempotencyHeader: null,
      createServerError: 'unknown',
      answers: { says: {}, words: {} },
    },
  ])
  t.same(config.builtins, { upstreams: false, key: false })
  t.same(secrets.clientKeys, [
    { name: 'marketing', key: exampleEnv.MARKETING_KEY },
    { name: 'bank', key: exampleEnv.BANK_KEY },
    { name: 'ops', key: exampleEnv.OPS_KEY },
  ])
  t.same(
    [...secrets.upstreamKeys],
    [
      ['reseller-a', exampleEnv.RESELLER_A_KEY],
      ['openai', exampleEnv.OPENAI_API_KEY],
    ],
  )
  t.same([...secrets.webhookSecrets], [['openai', exampleEnv.OPENAI_WEBHOOK_SECRET]])
})

t.test('signing secrets belong to the tenant, whichever of its keys has them', async (t) => {
  const [first, second] = [7, 9].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`)
  const { config, secrets, warnings } = accepted(
    changed(
      '      allow: [official]',
      [
        '      tenant: film',
        `      webhook_url: https://hooks.example/a?b=c`,
        `    - { name: two, tenant: film, key: second-Xr2NgA7tLwB5oJ0e, webhook_secrets: ['${first}', '${second}'] }`,
        `    - { name: film, key: third-Dm4ZcU9hEi6KsV1y, webhook_secrets: ['${first}'] }`,
        '    - { name: other, key: fourth-Gj8QpF3xRn0TaW7l, webhook_url: https://hooks.example }',
      ].join('\n'),
    ),
  )
  t.same([...secrets.signingSecrets], [['film', [first, second]]])
  t.same(
    config.clients.map(({ webhookUrl }) => webhookUrl),
    ['https://hooks.example/a?b=c', null, null, 'https://hooks.example'],
  )
  t.equal(warnings.length, 1)
  t.match(warnings, [
    /^understudy\.yaml:10:65 auth\.keys\[3\]\.webhook_url: has no webhook_secrets; requests with this key/,
  ])
})

t.test('a small file is completed with the documented defaults', async (t) => {
  const { config } = accepted(base)
  t.same(config.server, {
    host: '127.0.0.1',
    port: 8787,
    publicUrl: null,
    trustProxy: [],
    corsOrigins: [],
    eventStreams: 10_000,
    role: 'all',
  })
  t.same(config.storage, { type: 'sqlite', file: './data/understudy.db' })
  t.same(config.media, { directory: './data/media', retentionDays: 30, maxBytes: 2_147_483_648, s3: null })
  t.match(config.clients[0], { tenant: 'studio', scopes: ['generate'], monthlyBudgetMicros: null })
  t.match(config.upstreams[1], {
    spec: {
      durations: null,
      sizes: null,
      references: [],
      characters: 'none',
      maxCharacters: 0,
      characterClip: null,
      maxPromptCharacters: null,
      chargedOn: 'success',
      costRules: usualCostRules,
      maxInFlight: null,
      poll: { firstAfterMs: 10_000, everyMs: 5_000 },
      stallMs: 300_000,
      attemptMs: 900_000,
    },
    profile: 'generic',
    createServerError: 'unknown',
    answers: { says: {}, words: {} },
  })
})

t.test('defaults give way to what is configured beside them', async (t) => {
  const timeouts = 'timeouts: { attempt_seconds: 2.5 }'
  const { config } = accepted(
    changed('timeouts: { stall_seconds: 300, attempt_seconds: 900 }', timeouts).replace(
      'poll: { every_seconds: 5 }',
      'poll: {}',
    ),
  )
  t.match(config.upstreams[0]?.spec, {
    attemptMs: 2_500,
    stallMs: 2_500,
    poll: { firstAfterMs: 2_500, everyMs: 2_500 },
  })
  t.equal(accepted(changed('routing: { model: sora-2 }', 'routing: {}')).config.routing.model, 'sora-2')
})

t.test('lengths are sorted, sizes keep their order of preference', async (t) => {
  const { config } = accepted(
    changed(
      'references: [video]',
      'references: [video]\n    durations: [12, 4, 8]\n    sizes: [1792x1024, 1280x720]',
    ),
  )
  t.same(config.upstreams[0]?.spec.durations, [4, 8, 12])
  t.same(config.upstreams[0]?.spec.sizes, ['1792x1024', '1280x720'])
})

t.test('without a file the built-in upstreams and a generated key are asked for', async (t) => {
  const { config, secrets, warnings } = accepted(null)
  t.same(config.builtins, { upstreams: true, key: true })
  t.same([config.upstreams, config.clients, secrets.clientKeys, warnings], [[], [], [], []])
  t.equal(config.routing.model, 'sora-2')
})

t.test(
  'a file without upstreams is a fault, because the simulator must never be used unnoticed',
  async (t) => {
    const expected =
      'upstreams: is required; configure at least one upstream (the simulator is used only when there is no file)'
    for (const text of ['', '# nothing\n', 'server: { port: 1 }', 'upstreams: []']) {
      t.match(
        report(text),
        new RegExp(String.raw`^understudy\.yaml:1:\d+ ${expected.replace(/[()]/g, '.')}$`),
      )
    }
  },
)

t.test('a file without keys asks for a generated one and says so', async (t) => {
  const text = base.slice(0, base.indexOf('auth:')) + base.slice(base.indexOf('routing:'))
  const { config, warnings } = accepted(text)
  t.same(config.builtins, { upstreams: false, key: true })
  t.same(warnings, ['auth.keys: no key is configured; one is generated and kept in the data folder'])
  const worker = { UNDERSTUDY_ROLE: 'worker', DATABASE_URL: 'postgres://localhost/understudy' }
  t.same(accepted(text, worker).warnings, [], 'a worker serves nobody')
})

t.test('what is odd but possible is a warning with its place', async (t) => {
  const text = changed('allow: [official]', 'allow: [self_hosted]')
    .replace('    api_key: sk-beta\n', '')
    .replace('{ default: 0.1 }', '{ default: 0.1, 1792x1024: 0.5 }')
    .replace('references: [video]', 'references: [video]\n    sizes: [1280x720]')
  const { config, warnings } = accepted(text)
  t.same(warnings, [
    'understudy.yaml:6:14 auth.keys[0].allow: matches no configured upstream; this key cannot generate',
    'understudy.yaml:18:57 upstreams[0].price.per_second_usd.1792x1024: is a price for a size that is not in `sizes`',
    'understudy.yaml:21:5 upstreams[1]: has no api_key; it will be called without one',
  ])
  t.same(config.upstreams[0]?.spec.price, {
    type: 'per_second',
    micros: { default: 100_000, '1792x1024': 500_000 },
  })
})

t.test('explicit null lifts a limit where there can be none', async (t) => {
  const text = changed('server: { port: 8787 }', 'media: { retention_days: null }').replace(
    'poll: { every_seconds: 5 }',
    'limits: { max_in_flight: null }',
  )
  t.equal(accepted(text).config.media.retentionDays, null)
})

t.test('URLs are kept without their trailing slash', async (t) => {
  const text = changed('https://beta.example', 'HTTPS://Beta.example:8443/v1//').replace(
    'port: 8787',
    'public_url: http://127.0.0.1:80/understudy/',
  )
  const { config } = accepted(text)
  t.equal(config.upstreams[1]?.baseUrl, 'https://beta.example:8443/v1')
  t.equal(config.server.publicUrl, 'http://127.0.0.1/understudy')
})

t.test('configuration is frozen through and through', async (t) => {
  const { config } = accepted(base)
  t.throws(() => {
    config.upstreams[0]!.spec.models['sora-2'] = 'other'
  }, TypeError)
  t.throws(() => Reflect.apply(Array.prototype.push, config.clients[0]!.allow, ['reverse']), TypeError)
})

t.test('the dialects of a build are a parameter', async (t) => {
  const ownDialects = { 'openai-videos': { profiles: ['vllm-omni', 'openai'] } }
  const loaded = loadConfig({ text: base, fileName: null, env: {}, knownDialects: ownDialects })
  t.same(loaded, {
    ok: false,
    problems: [
      {
        line: 22,
        column: 14,
        path: 'upstreams[1].dialect',
        message: 'unknown dialect; supported: openai-videos',
      },
    ],
  })
  const none = loadConfig({
    text: changed('dialect: sora-tasks', 'dialect: sora-tasks\n    profile: generic'),
    fileName: null,
    env: {},
    knownDialects: { ...ownDialects, 'sora-tasks': { profiles: [] } },
  })
  t.match(none, { problems: [{ line: 23, message: 'the dialect sora-tasks has no profiles; remove it' }] })
  const known = loadConfig({
    text: base,
    fileName: null,
    env: {},
    knownDialects: { ...ownDialects, 'sora-tasks': { profiles: [] } },
  })
  t.equal(known.ok && known.config.upstreams[0]?.profile, 'vllm-omni', 'the first profile is the default')
})

t.test('the dialects known without being told are those of this build', async (t) => {
  for (const [dialect, { profiles }] of Object.entries(knownDialects)) {
    const text = changed('dialect: sora-tasks', `dialect: ${dialect}`)
    t.equal(accepted(text).config.upstreams[1]?.profile, profiles[0])
    for (const profile of profiles)
      accepted(
        text.replace(
          `: ${dialect}\n    base_url: https://beta`,
          `: ${dialect}\n    profile: ${profile}\n    base_url: https://beta`,
        ),
      )
  }
  t.match(report(changed('sora-tasks', 'x')), `supported: ${orList(Object.keys(knownDialects))}`)
})

t.test('a file is read from the argument, else from UNDERSTUDY_CONFIG', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-config-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'understudy.yaml')
  writeFileSync(file, base)
  t.match(readConfig({ file, ...named }, {}), { ok: true, fileName: file })
  t.match(readConfig(named, { UNDERSTUDY_CONFIG: file }), { ok: true, fileName: file })
  t.match(readConfig({ text: base, ...named }, { UNDERSTUDY_CONFIG: 'unread.yaml', PORT: '1' }), {
    ok: true,
    fileName: null,
    config: { server: { port: 1 } },
  })
  t.match(readConfig(named, {}), { ok: true, fileName: null, config: { builtins: { upstreams: true } } })

  const missing = join(folder, 'missing.yaml')
  t.same(checkConfig(missing, named, {}), {
    ok: false,
    report: `${missing}: cannot be read: the file does not exist\n1 problem`,
  })
  t.match(checkConfig(folder, named, {}), { ok: false, report: 'cannot be read: it is a directory' })

  writeFileSync(file, example)
  t.same(checkConfig(file, named, exampleEnv), {
    ok: true,
    report: [
      `${file} is ok`,
      '  2 upstreams    reseller-a (reverse, sora-tasks), openai (official, openai-videos)',
      '  3 keys         marketing, bank, ops',
      '  default route  sora-2 by cost, fallback on; served by reseller-a, openai',
      '  server         127.0.0.1:8787, role all',
      '  storage        sqlite, ./data/understudy.db',
      '  media          ./data/media',
    ].join('\n'),
  })
  t.match(checkConfig(file, named, {}).report, /\n6 problems$/)
})
