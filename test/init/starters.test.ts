import { readFileSync } from 'node:fs'
import t from 'tap'
import { formatProblems } from '../../src/gateway/config/document/config-problem.ts'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { starterConfig, starters } from '../../src/gateway/init/starters.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

t.test('every preset of the list gives a configuration that is in order', async (t) => {
  t.ok(starters().length > 15)
  for (const starter of starters()) {
    const { id, baseUrl, keyVariable } = starter
    const text = starterConfig(starter, { id, baseUrl, keyVariable })
    const env = { [keyVariable ?? 'NONE']: 'vendor-Mw7EkT2pRz9LbC4u' }
    const loaded = loadConfig({ text, fileName: id, env, knownDialects, inlineDialects })
    t.ok(loaded.ok, loaded.ok ? id : formatProblems(id, loaded.problems))
    if (loaded.ok)
      t.same(
        loaded.warnings.filter((warning) => !warning.includes('no key is configured')),
        [],
      )
  }
})

t.test('the presets are those of the documents, word by word', async (t) => {
  const page = read('docs/UPSTREAMS.md')
  const items = read('src/gateway/init/starters.yaml')
    .split(/^(?= {2}- id:)/m)
    .slice(1)
  t.same(
    items.map((item) => /id: (\S+)/.exec(item)?.[1]),
    starters().map(({ id }) => id),
  )
  for (const item of items) t.ok(page.includes(item.trimEnd()), item)
})

t.test('a chosen id, address and key stand in it', async (t) => {
  const [starter] = starters().filter(({ id }) => id === 'byteplus')
  if (starter === undefined) throw new Error('there is no such preset')
  const choice = { id: 'mine', baseUrl: 'http://127.0.0.1:1/v1', keyVariable: null }
  const text = starterConfig(starter, choice)
  t.match(text, /- id: mine\n/)
  t.match(text, /base_url: http:\/\/127\.0\.0\.1:1\/v1\n/)
  t.notMatch(text, /api_key|openrouter/)
  t.match(text, /# of `usage\.total_tokens`/, 'with its comments')
})
