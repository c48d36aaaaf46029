import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { formatProblems } from '../../src/gateway/config/document/config-problem.ts'
import { dialectOf, inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { profiles } from '../../src/gateway/upstreams/openai-videos/traits.ts'
import { fileSchema, keySchema, upstreamSchema } from '../../src/gateway/config/schema/schema.ts'
import { fieldsOf } from '../../src/gateway/parsing/schema-fields.ts'
import { createNames } from '../../src/gateway/upstreams/described/expressions/names.ts'
import { upstreamSettings } from '../../src/gateway/wiring/configured.ts'

/** Sets every variable that a document mentions. */
const env = new Proxy<Record<string, string>>(
  {},
  {
    getOwnPropertyDescriptor: (_target, name) => ({
      value: String(name),
      configurable: true,
      enumerable: true,
    }),
    get: (_target, name) => (String(name).endsWith('_KEY') ? 'vendor-Mw7EkT2pRz9LbC4u' : undefined),
  },
)

function read(document: string): string {
  return readFileSync(new URL(`../../docs/${document}`, import.meta.url), 'utf8')
}

function configurations(document: string): string[] {
  return [...read(document).matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, text = '']) => text)
    .filter((text) => text.startsWith('upstreams:'))
}

t.test('every configuration to paste loads, and its dialect can be made', async (t) => {
  const texts = [
    ...configurations('UPSTREAMS.md'),
    ...configurations('DIALECTS.md'),
    ...configurations('CONFIGURATION.md'),
  ]
  t.ok(texts.length >= 6)
  for (const text of texts) {
    const loaded = loadConfig({ text, fileName: 'pasted.yaml', env, knownDialects, inlineDialects })
    if (!loaded.ok) {
      t.fail(formatProblems('pasted.yaml', loaded.problems))
      continue
    }
    for (const each of upstreamSettings(loaded.config, loaded.secrets))
      t.doesNotThrow(() => dialectOf(each), each.spec.id)
  }
})

t.test('every placeholder of a create is in the document of dialects', async (t) => {
  const page = read('DIALECTS.md')
  const missing = createNames.filter((name) => !page.includes(`\`${name}\``))
  t.same(missing, [])
})

t.test('every dialect and profile is in the documents', async (t) => {
  for (const name of Object.keys(knownDialects)) t.match(read('UPSTREAMS.md'), `\`${name}\``)
  for (const name of Object.keys(profiles)) t.match(read('DIALECTS.md'), `\`${name}\``)
})

/** The names of all settings of a map, at any depth. */
function namesIn(schema: Parameters<typeof fieldsOf>[0]): string[] {
  return [...fieldsOf(schema)].flatMap(([name, inner]) => [name, ...namesIn(inner)])
}

t.test('every setting is in the document of settings', async (t) => {
  const page = read('CONFIGURATION.md')
  const names = new Set([fileSchema, keySchema, upstreamSchema].flatMap(namesIn))
  t.ok(names.size > 60, `${names.size} settings`)
  t.same(
    [...names].filter((name) => !new RegExp(`[\`.]${name}\\b`).test(page)),
    [],
  )
})
