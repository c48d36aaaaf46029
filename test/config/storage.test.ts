import t from 'tap'
import { formatProblems } from '../../src/gateway/config/document/config-problem.ts'
import { mask } from '../../src/gateway/config/shown-settings.ts'
import { base, load } from './base.ts'

const server = 'postgres://understudy:s%2Fecret-9@db.example:5433/understudy'

function withStorage(storage: string, role = 'all'): string {
  return base.replace('server: { port: 8787 }', `server: { role: ${role} }\nstorage: ${storage}`)
}

function accepted(text: string, env = {}) {
  const loaded = load(text, env)
  if (!loaded.ok) throw new Error(formatProblems(null, loaded.problems))
  return loaded
}

function modeOf(storage: string): string | null {
  const { config } = accepted(withStorage(storage))
  return config.storage.type === 'postgres' ? config.storage.tls.mode : null
}

function problems(text: string): string[] {
  const loaded = load(text)
  return loaded.ok ? [] : loaded.problems.map(({ path, message }) => `${path}: ${message}`)
}

t.test('a postgres:// URL selects the server, with TLS that is verified', async (t) => {
  const { config, secrets, shown } = accepted(withStorage('{ url: "${DB}" }'), { DB: server })
  t.same(config.storage, {
    type: 'postgres',
    address: 'db.example:5433/understudy',
    connections: 10,
    statementTimeoutMs: 30_000,
    preparedStatements: true,
    standby: 'expected',
    tls: { mode: 'verify', ca: null },
    listen: { address: 'db.example:5433/understudy', tls: { mode: 'verify', ca: null } },
  })
  const secret = { url: server, password: 's/ecret-9' }
  t.same(secrets.database, { ...secret, listen: secret })
  t.equal(accepted(base).secrets.database, null)
  t.same(shown['storage'], { url: 'postgres://db.example:5433/understudy' })
  t.notMatch(JSON.stringify([config, shown]), 'ecret-9')
})

t.test('every option of the server', async (t) => {
  const { config } = accepted(
    withStorage(
      `{ url: "${server}", connections: 25, statement_timeout_seconds: 2.5, prepared_statements: false, standby: none, tls_mode: verify, tls_ca: /etc/ca.pem }`,
      'worker',
    ),
  )
  t.match(config.storage, {
    connections: 25,
    statementTimeoutMs: 2500,
    preparedStatements: false,
    standby: 'none',
    tls: { mode: 'verify', ca: '/etc/ca.pem' },
  })
  t.equal(config.server.role, 'worker')
})

t.test('a node can listen on another URL, which is as secret and has the same TLS options', async (t) => {
  const direct = 'postgres://understudy:canary-7@primary.example/videos'
  const url = 'postgres://understudy:canary-8@127.0.0.1:6432/understudy'
  const { config, secrets, shown } = accepted(withStorage(`{ url: "${url}", listen_url: "\${DIRECT}" }`), {
    DIRECT: direct,
  })
  t.match(config.storage, {
    address: '127.0.0.1:6432/understudy',
    tls: { mode: 'disable', ca: null },
    listen: { address: 'primary.example/videos', tls: { mode: 'verify', ca: null } },
  })
  t.same(secrets.database?.listen, { url: direct, password: 'canary-7' })
  t.match(shown['storage'], { listen_url: 'postgres://primary.example/videos' })
  t.notMatch(JSON.stringify([config, shown]), 'canary')
  const given = accepted(withStorage(`{ url: "${url}", listen_url: "${direct}", tls_mode: require }`))
  t.match(given.config.storage, { tls: { mode: 'require' }, listen: { tls: { mode: 'require' } } })
})

t.test('on this machine no TLS is asked for, unless the file says so', async (t) => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3:5432', '[::1]', '%2Fvar%2Frun%2Fpostgresql'])
    t.equal(modeOf(`{ url: "postgres://u@${host}/db" }`), 'disable', host)
  for (const host of ['10.0.0.1', 'db', 'localhost.example', '[::2]'])
    t.equal(modeOf(`{ url: "postgresql://u@${host}/db" }`), 'verify', host)
  t.equal(modeOf('{ url: "postgres://u@localhost/db", tls_mode: require }'), 'require')
  t.equal(modeOf('{ url: "postgres://u@localhost/db", tls_ca: ca.pem }'), 'verify')
  t.equal(modeOf('{ url: "postgres://u@db/db", tls_mode: disable }'), 'disable')
})

t.test('what is wrong with a URL is said without it', async (t) => {
  const form = 'should be postgres://user:password@host:5432/database'
  const cases: Array<[url: string, message: RegExp | string]> = [
    [
      'postgres://u:canary@h/db?sslmode=require',
      /^should not have options after a `\?`; TLS is set with storage\.tls_mode/,
    ],
    ['postgres:u:canary@h/db', /percent-encoded/],
    ['postgres://u:can/ary@h/db', /percent-encoded/],
    ['postgres://u:canary@h/db#x', /percent-encoded/],
    ['postgres://u:can%ary@h/db', `${form}; a \`%\` in the user or the password is written %25`],
    ['postgres://u:canary@/db', `${form}; the host is missing`],
    ['postgres:///db', `${form}; the host is missing`],
    ['postgres://u:canary@h', `${form}; the name of the database is missing`],
    ['postgres://u:canary@h/a/b', `${form}; the name of the database is missing`],
  ]
  for (const [url, message] of cases) {
    const [found = '', ...more] = problems(withStorage(`{ url: "${url}" }`))
    t.match(found.replace('storage.url: ', ''), message, url)
    t.notMatch(found, 'canary')
    t.same(more, [], url)
    t.match(problems(withStorage(`{ url: "${server}", listen_url: "${url}" }`)), [
      found.replace('url', 'listen_url'),
    ])
  }
  t.same(problems(withStorage(`{ url: "${server}", listen_url: "sqlite:./a.db" }`)), [
    `storage.listen_url: ${form}`,
  ])
})

t.test(
  'the embedded database takes no options of a server and no role of one process among several',
  async (t) => {
    const advice = 'is for PostgreSQL; remove it, or set storage.url to a postgres:// URL'
    t.same(problems(withStorage('{ connections: 5, tls_mode: verify, standby: none }')), [
      `storage.connections: ${advice}`,
      `storage.standby: ${advice}`,
      `storage.tls_mode: ${advice}`,
    ])
    t.same(problems(withStorage('{ statement_timeout_seconds: 5, prepared_statements: false }')), [
      `storage.statement_timeout_seconds: ${advice}`,
      `storage.prepared_statements: ${advice}`,
    ])
    t.same(problems(withStorage(`{ listen_url: "${server}" }`)), [`storage.listen_url: ${advice}`])
    for (const role of ['api', 'worker'])
      t.same(problems(withStorage('{ url: "sqlite:./a.db" }', role)), [
        `server.role: \`${role}\` needs a database that several processes share; use \`all\`, or set storage.url to a postgres:// URL`,
      ])
    t.same(problems(withStorage(`{ url: "${server}" }`, 'api')), [])
  },
)

t.test('options are within what a server can bear, and none of them is without effect', async (t) => {
  t.same(problems(withStorage(`{ url: "${server}", connections: 2, conections: 5 }`)).length, 2)
  t.match(problems(withStorage(`{ url: "${server}", conections: 5 }`)), [/did you mean `connections`\?/])
  for (const mode of ['require', 'disable'])
    t.same(problems(withStorage(`{ url: "${server}", tls_mode: ${mode}, tls_ca: a.pem }`)), [
      `storage.tls_ca: is not used with \`tls_mode: ${mode}\`; remove one of them`,
    ])
})

t.test('a password that is short is not looked for in other settings', async (t) => {
  const { shown } = accepted(withStorage('{ url: "postgres://u:abc@h/abcdb" }'))
  t.same(shown['storage'], { url: 'postgres://h/abcdb' })
  const long = accepted(withStorage('{ url: "postgres://u:understudy@h/understudy" }'))
  t.same(long.shown['storage'], { url: mask }, 'what holds a secret is masked, whatever it is')
})
