import { readFile } from 'node:fs/promises'
import t from 'tap'
import { mask, secretSettings } from '../../src/gateway/config/shown-settings.ts'
import { base, example, exampleEnv, load } from './base.ts'

const canary = 'canary-5f3b1c7e-aA9'
const signing = Buffer.from('a signing secret of 32 bytes, yes').toString('base64')

function shown(text: string, env = {}) {
  const loaded = load(text, env)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.shown
}

/** The settings whose values have to fit the pattern of secrets. */
function secretsIn(name: string, schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'pattern' in schema && String(schema.pattern).startsWith('^[\\x21-\\x7e]') ? [name] : []
  const inner = Object.entries(schema).flatMap(([key, value]) => {
    if (key !== 'properties' || typeof value !== 'object') return secretsIn(name, value)
    return Object.entries(value ?? {}).flatMap(([named, each]) => secretsIn(named, each))
  })
  return [...own, ...inner]
}

t.test('every setting that takes a secret is masked', async (t) => {
  const file = await readFile(new URL('../../openapi/config.schema.json', import.meta.url), 'utf8')
  const named = secretsIn('', JSON.parse(file))
  t.ok(named.length >= 5, named.join())
  for (const name of named) t.ok(secretSettings.has(name), name)
  const all = base
    .replace('key: studio-iFCx2cAmQ1RIHQSm', `key: ${canary}-key\n      webhook_secrets: [whsec_${signing}]`)
    .replace(
      'api_key: sk-alpha',
      `api_key: ${canary}-1\n    webhook_secret: whsec_${signing}\n    headers: { x-team: ${canary}-2 }`,
    )
    .replace(
      'base_url: https://beta.example',
      `base_url: https://beta.example\n    headers: { x-other: ${canary}-3 }`,
    )
    .replace(
      'routing:',
      `traces: { endpoint: "http://collector:4318", headers: { authorization: ${canary}-4 } }\nrouting:`,
    )
  const settings = shown(all)
  const text = JSON.stringify(settings)
  t.notMatch(text, canary)
  t.notOk(text.includes(signing))
  t.match(settings, {
    auth: { keys: [{ name: 'studio', key: mask, webhook_secrets: [mask] }] },
    traces: { headers: { authorization: mask } },
    upstreams: [{ id: 'alpha', api_key: mask, headers: { 'x-team': mask } }, { api_key: mask }],
    server: { port: 8787, host: '127.0.0.1' },
  })
})

t.test('of the documented example no secret is shown, and what is none is', async (t) => {
  const env = Object.fromEntries(Object.keys(exampleEnv).map((name) => [name, `${canary}-${name}`]))
  const text = JSON.stringify(shown(example, env))
  t.notMatch(text, canary)
  t.match(text, /"id":"reseller-a"/)
})

t.test('a secret that was put into another setting as well is masked there', async (t) => {
  const text = base
    .replace('key: studio-iFCx2cAmQ1RIHQSm', `key: ${canary}`)
    .replace('models: { sora-2: sora-2 }', `models: { sora-2: ${canary} }`)
  t.notMatch(JSON.stringify(shown(text)), canary)
})

t.test('a URL is shown without what it carries beside host and path', async (t) => {
  const text = base.replace(
    'key: studio-iFCx2cAmQ1RIHQSm',
    `key: studio-iFCx2cAmQ1RIHQSm\n      webhook_url: https://hooks.example/in?token=${canary}`,
  )
  t.match(shown(text), { auth: { keys: [{ webhook_url: `https://hooks.example/in?${mask}` }] } })
})
