import t from 'tap'
import { repeatedPath } from '../../src/gateway/config/contradictions/base-url.ts'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { base } from './base.ts'

const inline = `{ create: { path: /v3/jobs, body: { text: '{{ prompt }}' }, id: id }, poll: { path: '/v3/jobs/{{ id }}', status: s, video: v } }`

function warningsOf(dialect: string, baseUrl: string): string[] {
  const text = base
    .replace('dialect: openai-videos', `dialect: ${dialect}`)
    .replace('https://alpha.example/v1', baseUrl)
  const loaded = loadConfig({ text, fileName: 'understudy.yaml', env: {}, knownDialects, inlineDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.warnings.filter((each) => each.includes('base_url'))
}

const repeats = (path: string) =>
  `understudy.yaml:12:15 upstreams[0].base_url: ends with the path${path} that the dialect adds to it; remove it here`
const lacks = (path: string) =>
  `understudy.yaml:12:15 upstreams[0].base_url: has no path; servers of this dialect usually have one${path}; add it`

t.test('an address that repeats the path of its dialect, or lacks the usual one, is told', async (t) => {
  const cases: Array<[dialect: string, baseUrl: string, warning: string | null]> = [
    ['openai-videos', 'https://a.example/v1', null],
    ['openai-videos', 'https://a.example/openai/v1/', null],
    ['openai-videos', 'https://a.example/any/prefix', null],
    ['openai-videos', 'https://a.example', lacks(' `/v1`')],
    ['openai-videos', 'https://a.example/', lacks(' `/v1`')],
    ['openai-videos', 'https://a.example/v1/videos', repeats(' `/videos`')],
    ['create-query', 'https://a.example', null],
    ['create-query', 'https://a.example/v1', repeats(' `/v1`')],
    ['create-query', 'https://a.example/relay/v1/video', repeats(' `/v1/video`')],
    ['dashscope', 'https://a.example/api/v1', repeats(' `/api/v1`')],
    ['kling', 'https://a.example/v1', repeats(' `/v1`')],
    ['openrouter', 'https://a.example', lacks(' `/api/v1`')],
    ['ark-tasks', 'https://a.example', lacks(' `/api/v3`')],
    ['veo', 'https://a.example', lacks(' `/v1beta`')],
    ['{ extends: veo }', 'https://a.example', lacks('')],
    [inline, 'https://a.example/v3', repeats('')],
    [inline, 'https://a.example/v3/proxy', null],
  ]
  for (const [dialect, baseUrl, warning] of cases)
    t.same(warningsOf(dialect, baseUrl), warning === null ? [] : [warning], `${dialect} at ${baseUrl}`)
})

t.test('the documented address of every preset is free of warnings', async (t) => {
  const addresses: Record<string, string> = {
    openrouter: 'https://openrouter.ai/api/v1',
    'ark-tasks': 'https://ark.ap-southeast.bytepluses.com/api/v3',
    replicate: 'https://api.replicate.com/v1',
    luma: 'https://agents.lumalabs.ai/v1',
    xai: 'https://api.x.ai/v1',
    veo: 'https://generativelanguage.googleapis.com/v1beta',
    'gemini-omni': 'https://generativelanguage.googleapis.com/v1beta',
  }
  for (const [name, { paths }] of Object.entries(knownDialects)) {
    const { create = '', base: usual = null } = paths() ?? {}
    t.not(create, '', name)
    const address = addresses[name]
    if (address === undefined) continue
    t.equal(new URL(address).pathname, usual, name)
    t.equal(repeatedPath(new URL(address).pathname, create), null, name)
  }
})

t.test(
  'only whole segments count as repeated, the longest run of them, and never a placeholder',
  async (t) => {
    t.equal(repeatedPath('/a/b', '/a/b/c'), '/a/b')
    t.equal(repeatedPath('/x/a/b', '/a/b'), '/a/b')
    t.equal(repeatedPath('/v1', '/v10/jobs'), null)
    t.equal(repeatedPath('/v1', '/jobs/v1'), null)
    t.equal(repeatedPath('/{{ kind }}', '/{{ kind }}'), null)
    t.equal(repeatedPath('/tasks', '/tasks?page=1'), '/tasks')
    t.equal(repeatedPath('', '/tasks'), null)
  },
)
