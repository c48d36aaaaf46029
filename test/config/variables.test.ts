import t from 'tap'
import { accepted, base, changed, example, exampleEnv, load, report } from './base.ts'
import type { Env } from './base.ts'

t.test('every missing variable is reported at once, with the place that wants it', async (t) => {
  t.equal(
    report(example, { BANK_KEY: exampleEnv.BANK_KEY, OPS_KEY: '' }),
    [
      'understudy.yaml:23:12 auth.keys[0].key: environment variable MARKETING_KEY is not set',
      'understudy.yaml:34:25 auth.keys[2].key: environment variable OPS_KEY is empty',
      'understudy.yaml:54:14 upstreams[0].api_key: environment variable RESELLER_A_KEY is not set',
      'understudy.yaml:73:14 upstreams[1].api_key: environment variable OPENAI_API_KEY is not set',
      'understudy.yaml:80:21 upstreams[1].webhook_secret: environment variable OPENAI_WEBHOOK_SECRET is not set',
    ].join('\n'),
  )
})

t.test('variables stand in for numbers and booleans, and inside text', async (t) => {
  const text = changed(
    'server: { port: 8787 }',
    'server: { port: "${PORT_NUMBER}", public_url: "https://${NAME}.example" }',
  )
    .replace('model: sora-2 }', 'model: "${MODEL}", fallback: "${FALLBACK}" }')
    .replace('per_request_usd: 0.12', 'per_request_usd: "${PRICE}"')
    .replace('every_seconds: 5', 'every_seconds: "${EVERY}"')
  const { config } = accepted(text, {
    PORT_NUMBER: '9000',
    NAME: 'gateway',
    MODEL: 'sora-2',
    FALLBACK: 'false',
    PRICE: '.5',
    EVERY: ' 2.5 ',
  })
  t.match(config.server, { port: 9000, publicUrl: 'https://gateway.example' })
  t.equal(config.routing.fallback, false)
  t.same(config.upstreams[1]?.spec.price, { type: 'per_request', micros: 500_000 })
  t.equal(config.upstreams[0]?.spec.poll.everyMs, 2_500)
})

t.test('a variable of the wrong form is reported with its name and place', async (t) => {
  t.equal(
    report(changed('port: 8787', 'port: "${PORT_NUMBER}"'), { PORT_NUMBER: '80 80' }),
    'understudy.yaml:1:17 server.port: should be a number, not text (read from ${PORT_NUMBER})',
  )
})

t.test('a key made of digits stays the text it is', async (t) => {
  const text = changed('api_key: sk-beta', 'api_key: ${KEY}')
  t.equal(accepted(text, { KEY: '0012345' }).secrets.upstreamKeys.get('beta'), '0012345')
})

t.test('$${NAME} is a literal, and what a variable holds is not expanded again', async (t) => {
  const text = changed('api_key: sk-alpha', 'api_key: $${HOME}').replace(
    'api_key: sk-beta',
    'api_key: x-${KEY}-$y',
  )
  const { secrets } = accepted(text, { KEY: '${HOME}', HOME: '/root' })
  t.equal(secrets.upstreamKeys.get('alpha'), '${HOME}')
  t.equal(secrets.upstreamKeys.get('beta'), 'x-${HOME}-$y')
})

t.test('an anchor serves several upstreams, and a fault inside it is said once', async (t) => {
  const text = changed('poll: { every_seconds: 5 }', 'poll: &poll { every_seconds: "${EVERY}" }').replace(
    'price: { per_request_usd: 0.12 }',
    'price: { per_request_usd: 0.12 }\n    poll: *poll',
  )
  t.equal(accepted(text, { EVERY: '2' }).config.upstreams[1]?.spec.poll.everyMs, 2_000)
  t.equal(
    report(text),
    'understudy.yaml:18:34 upstreams[0].poll.every_seconds: environment variable EVERY is not set',
  )
})

t.test('an alias inside what it names, and aliases that multiply, are faults', async (t) => {
  t.match(
    report('upstreams: &all [*all]'),
    '1:18 upstreams[0]: an alias cannot be used inside its own anchor',
  )
  const bomb = Array.from({ length: 9 }, (_, index) =>
    index === 0 ? 'a0: &a0 [x]' : `a${index}: &a${index} [${`*a${index - 1}, `.repeat(9)}]`,
  ).join('\n')
  t.match(report(bomb), 'the file is too large or too deep')
})

t.test('HOST, PORT, UNDERSTUDY_ROLE and DATABASE_URL stand above the file', async (t) => {
  const env = {
    HOST: '::',
    PORT: '0',
    UNDERSTUDY_ROLE: 'worker',
    DATABASE_URL: 'postgres://db/understudy',
  }
  for (const text of [base, null]) {
    const { config } = accepted(text, env)
    t.match(config.server, { host: '::', port: 0, role: 'worker' })
    t.match(config.storage, { type: 'postgres', address: 'db/understudy' })
  }
  t.equal(accepted(base, { HOST: '', PORT: '' }).config.server.port, 8787, 'an empty one counts as not set')
})

t.test('a fault of such a variable names the variable and no line', async (t) => {
  const env = { HOST: 'http://x', PORT: 'http', UNDERSTUDY_ROLE: 'apis', DATABASE_URL: 'postgres://u:p@h' }
  t.equal(
    report(base, env),
    [
      'HOST: should be a host name or an address, without scheme and port (environment variable)',
      'PORT: should be a number, not text (environment variable)',
      'UNDERSTUDY_ROLE: should be all, api or worker; did you mean `api`? (environment variable)',
      'DATABASE_URL: should be postgres://user:password@host:5432/database; the name of the database is missing (environment variable)',
    ].join('\n'),
  )
  const without = load(null, { PORT: '-1' })
  t.same(without, {
    ok: false,
    problems: [
      { line: null, column: null, path: 'PORT', message: 'should be at least 0 (environment variable)' },
    ],
  })
})

const levelOf = (text: string | null, env: Env) => accepted(text, env).config.log.level

t.test('LOG_LEVEL is taken where it is a level, and a fault where it is not', async (t) => {
  t.equal(levelOf(base, { LOG_LEVEL: 'debug' }), 'debug')
  t.equal(levelOf(`log: { level: error }\n${base}`, {}), 'error')
  t.equal(levelOf(`log: { level: error }\n${base}`, { LOG_LEVEL: 'debug' }), 'debug', 'above the file')
  t.equal(levelOf(base, { LOG_LEVEL: '' }), null)
  t.equal(levelOf(null, { LOG_LEVEL: 'warn' }), 'warn', 'without a file too')
  t.equal(
    report(base, { LOG_LEVEL: 'debgu' }),
    'LOG_LEVEL: should be trace, debug, info, warn, error, fatal or silent; did you mean `debug`? (environment variable)',
  )
})

t.test('the key that administers may come from the environment', async (t) => {
  const UNDERSTUDY_ADMIN_KEY = 'admin-Hs5YvO1kCb9MzL2u'
  t.equal(accepted(base, { UNDERSTUDY_ADMIN_KEY }).secrets.adminKey, UNDERSTUDY_ADMIN_KEY)
  t.equal(accepted(null, { UNDERSTUDY_ADMIN_KEY }).secrets.adminKey, UNDERSTUDY_ADMIN_KEY)
  t.equal(accepted(base).secrets.adminKey, null)
  t.equal(accepted(base, { UNDERSTUDY_ADMIN_KEY: '' }).secrets.adminKey, null)
  for (const [key, message] of [
    ['too-short', 'should be at least 16 characters long; create one with `openssl rand -base64 32`'],
    ['admin key 0123456789', 'should be ASCII without spaces and line breaks'],
    ['studio-iFCx2cAmQ1RIHQSm', 'is the same secret as that of a key in the file'],
  ] as const) {
    t.equal(
      report(base, { UNDERSTUDY_ADMIN_KEY: key }),
      `UNDERSTUDY_ADMIN_KEY: ${message} (environment variable)`,
    )
  }
})
