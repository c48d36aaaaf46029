import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import t from 'tap'
import { parse } from 'yaml'
import * as z from 'zod'
import { makeConfigSchema, textsOf } from '../../openapi/config-schema.ts'
import { base, example } from '../config/base.ts'

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const page = textOf('docs/CONFIGURATION.md')
const schema = makeConfigSchema(page)
const ajv = new Ajv2020({ strictTypes: false, allErrors: true })
formats.default(ajv)
const validate = ajv.compile(schema)

function faultsOf(yaml: string): string[] {
  validate(parse(yaml))
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`)
}

function configurations(document: string): string[] {
  return [...textOf(`docs/${document}`).matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, text = '']) => text)
    .filter((text) => text.startsWith('upstreams:'))
}

t.test('every configuration that the documents show is right in an editor', async (t) => {
  t.same(faultsOf(example), [])
  t.same(faultsOf(base), [])
  const shown = ['UPSTREAMS.md', 'DIALECTS.md', 'CONFIGURATION.md'].flatMap(configurations)
  t.ok(shown.length >= 6)
  for (const text of shown) t.same(faultsOf(text), [], text)
})

t.test('a variable is right in the place of every value', async (t) => {
  const text = base
    .replace('port: 8787', 'port: "${PORT}", role: "${ROLE}"')
    .replace('default: 0.1', 'default: "${file:/run/price}"')
    .replace('kind: official', 'kind: ${KIND}')
  t.same(faultsOf(text), [])
})

t.test('an editor marks what the gateway refuses in a single field', async (t) => {
  const cases: Array<[from: string, to: string, fault: string]> = [
    ['port: 8787', 'port: 99999', '/server/port maximum'],
    ['port: 8787', 'prot: 8787', '/server additionalProperties'],
    ['kind: official', 'kind: officia', '/upstreams/0/kind enum'],
    ['dialect: openai-videos', 'dialect: openai-video', '/upstreams/0/dialect enum'],
    ['    base_url: https://alpha.example/v1\n', '', '/upstreams/0 required'],
    ['every_seconds: 5', 'every_seconds: fast', '/upstreams/0/poll/every_seconds type'],
    ['name: studio', 'name: -studio', '/auth/keys/0/name pattern'],
  ]
  for (const [from, to, fault] of cases) {
    t.ok(base.includes(from), from)
    t.ok(faultsOf(base.replace(from, to)).includes(fault), to)
  }
})

const node = z.object({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).default([]),
})

/** Fields without a text, of their own or of the field that holds them. Those that hold further fields need none. */
function untold(value: unknown, path: string): string[] {
  const { properties, items, anyOf } = node.parse(value)
  const fields = Object.entries(properties).flatMap(([name, inner]) => {
    const below = `${path}.${name}`
    const { description } = node.parse(inner)
    const hasText = description !== undefined || JSON.stringify(inner).includes('"properties"')
    return [...(hasText ? [] : [below]), ...(description === undefined ? untold(inner, below) : [])]
  })
  return [
    ...fields,
    ...[...(items === undefined ? [] : [items]), ...anyOf].flatMap((each) => untold(each, `${path}[]`)),
  ]
}

t.test('every field of the file has the text of its table', async (t) => {
  t.same(untold(schema, ''), [])
  t.equal(textsOf(page).get('server.port'), 'port to listen on; 0 selects a free port')
})

t.test('the example names the schema for editors', async (t) => {
  const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(example) ?? []
  const named = new URL(path, new URL('../../docs/config.example.yaml', import.meta.url))
  t.same(JSON.parse(readFileSync(named, 'utf8')), schema)
})
