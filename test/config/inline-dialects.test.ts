import t from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { formatProblems } from '../../src/gateway/config/document/config-problem.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'

const described = `
upstreams:
  - id: acme
    kind: reverse
    dialect:
      name: acme-video
      create:
        path: /v1/jobs
        body: { model: '{{ model }}', text: '{{ prompt }}', length: '{{ seconds }}' }
        id: payload.job.id
      poll:
        method: POST
        path: /v1/jobs/query
        body: { id: '{{ id }}' }
        status: payload.job.state
        video: from_json(payload.job.output).files[0].url
      characters:
        create:
          path: /v1/people
          body: { clip: '{{ clip.url }}' }
          handle: payload.handle
    base_url: https://api.acme.example
    api_key: acme-key
    models: { sora-2: acme-1 }
    price: { per_request_usd: 0.1 }
`

function load(text: string, env: Record<string, string> = {}) {
  return loadConfig({ text, fileName: 'understudy.yaml', env, knownDialects, inlineDialects })
}

function report(from: string, to: string): string {
  if (!described.includes(from)) throw new Error(`no ${from}`)
  const loaded = load(described.replace(from, to))
  return loaded.ok ? 'ok' : formatProblems('understudy.yaml', loaded.problems)
}

t.test('a vendor described in the configuration is called by its name', async (t) => {
  const loaded = load(described)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const [upstream] = loaded.config.upstreams
  t.equal(upstream?.spec.dialect, 'acme-video')
  t.match(upstream?.description, { create: { id: 'payload.job.id' }, poll: { method: 'POST' } })
  t.equal(load(described.replace('name: acme-video', 'about: nameless')).ok, true)
})

t.test('a mistake in a description is found at start, with its line', async (t) => {
  const rows: [from: string, to: string, problem: string | RegExp][] = [
    [
      'status: payload.job.state',
      'staus: payload.job.state',
      /15:9 upstreams\[0\]\.dialect\.poll\.staus: unknown key `staus`; did you mean `status`\?/,
    ],
    [
      'status: payload.job.state',
      'status: payload.job[',
      /15:17 upstreams\[0\]\.dialect\.poll\.status: is no JMESPath expression/,
    ],
    ['from_json(payload', 'parse(payload', /16:16 .*poll\.video: knows no function parse\(\)/],
    ['status: payload.job.state', "status: '!a.b'", /poll\.status: has `!a\.b`, which means `\(!a\)\.b`/],
    [
      'status: payload.job.state',
      'status: $job.x',
      /poll\.status: knows no variable \$job; there is \$asked/,
    ],
    [
      "'{{ prompt }}'",
      "'{{ promt }}'",
      /9:45 .*create\.body\.text: .*unknown `promt`; did you mean `prompt`\?/,
    ],
    ["'{{ prompt }}'", "'{{ prompt'", /create\.body\.text: has a placeholder that is not closed/],
    [
      "body: { id: '{{ id }}' }",
      "body: { id: '{{ prompt }}' }",
      /14:21 .*poll\.body\.id: .*unknown `prompt`; known here: id/,
    ],
    ['path: /v1/jobs/query', 'path: v1/jobs/query', /13:15 .*poll\.path: should start with `\/`/],
    ['method: POST', 'method: PATCH', /12:17 .*poll\.method: should be GET or POST/],
    ['method: POST\n', 'method: GET\n', /12:9 .*poll: is a GET with a body; write method: POST/],
    ['id: payload.job.id', 'model: x', /create\.id: is required/],
    ['        video: from_json(payload.job.output).files[0].url\n', '', /poll: names no video: write video/],
    ['handle: payload.handle', 'keep: { x: y }', /characters\.create: says neither where the handle is/],
    ['handle: payload.handle', 'id: payload.id', /characters: makes characters in jobs, and has no poll/],
    [
      '    base_url',
      '    characters: inline\n    base_url',
      /characters: is inline, but the description has no/,
    ],
    [
      '        id: payload.job.id',
      '        id: payload.job.id\n        inline_characters: 1',
      /sends nothing of `characters`/,
    ],
    ['name: acme-video', 'answers: xml', /6:16 .*answers: should be json or json-lines/],
    ['name: acme-video', 'errors: [{ is: refused }]', /6:16 .*errors\[0\]: says nothing to look for/],
    ['name: acme-video', 'errors: [{ code: x, is: refuse }]', /errors\[0\]\.is: .*did you mean `refused`\?/],
    ['name: acme-video', 'extends: kie', /6:16 .*extends: should be sora-tasks, create-query/],
    ['name: acme-video', "auth: { header: X-Key, value: '{{ token }}' }", /auth\.value: .*unknown `token`/],
    [
      'name: acme-video',
      'values: { tone: { from: promt, map: {} } }',
      /values\.tone\.from: .*did you mean `prompt`/,
    ],
    ['name: acme-video', "headers: { 'x y': z }", /headers\."x y": is not an allowed name/],
  ]
  for (const [from, to, problem] of rows) t.match(report(from, to), problem, to)
})

t.test('a description is a preset with changes', async (t) => {
  const text = `
upstreams:
  - id: relay
    kind: reverse
    dialect:
      extends: create-query
      create: { body: { private: false, images: null }, id: task_id }
      characters: null
    base_url: https://relay.example
    api_key: relay-key
    models: { sora-2: sora-2-all }
    price: { per_request_usd: 0.1 }
`
  const loaded = load(text)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const [upstream] = loaded.config.upstreams
  t.equal(upstream?.spec.dialect, 'create-query')
  t.match(upstream?.description, {
    create: { path: '/v1/video/create', body: { private: false, watermark: false }, id: 'task_id' },
    characters: undefined,
  })
  t.notMatch(upstream?.description, { create: { body: { images: String } } })
  const wrong = load(text.replace('id: task_id', 'ids: task_id'))
  t.match(wrong, { problems: [{ line: 7, message: 'unknown key `ids`; did you mean `id`?' }] })
})

t.test('variables are read in a description, and a field may be called key', async (t) => {
  const text = described.replace("text: '{{ prompt }}'", "text: '{{ prompt }}', key: { a: '${APP}' }")
  const loaded = load(text, { APP: 'app-1' })
  t.match(loaded.ok && loaded.config.upstreams[0]?.description, {
    create: { body: { key: { a: 'app-1' } } },
  })
  t.match(load(text), { problems: [{ line: 9, message: 'environment variable APP is not set' }] })
})

t.test('a profile and traits belong to named dialects', async (t) => {
  const inline = load(
    described.replace('api_key:', 'profile: openai\n    traits: { list: false }\n    api_key:'),
  )
  t.match(inline, { problems: [{ message: /^applies only to named dialects/ }, { message: /^applies/ }] })

  const named = (lines: string) =>
    load(described.replace(/dialect:[\s\S]*?base_url/, `${lines}\n    base_url`))
  const relay = named(
    'dialect: openai-videos\n    profile: new-api\n    traits: { encoding: json, list: false }',
  )
  t.match(relay.ok && relay.config.upstreams[0]?.traits, { encoding: 'json', list: false })
  const rows: [lines: string, message: string | RegExp][] = [
    [
      'dialect: openai-videos\n    traits: { encodng: json }',
      'unknown key `encodng`; did you mean `encoding`?',
    ],
    [
      'dialect: openai-videos\n    traits: { encoding: yaml }',
      /^should be multipart, json or json_without_file/,
    ],
    ['dialect: sora-tasks\n    traits: { list: true }', 'the dialect sora-tasks has no traits; remove it'],
    ['dialect: openai-videos\n    profile: sglang\n    characters: native', /does not store characters/],
    [
      'dialect: openai-videos\n    traits: { characters: none }\n    characters: native',
      /does not store characters/,
    ],
    ['dialect: openai-videos\n    profile: azure\n    characters: inline', /cannot carry a clip/],
    ['dialect: kie-jobs\n    characters: inline', /cannot carry a clip/],
    ['dialect: kie-jobs\n    characters: stills', /takes no pictures of a subject/],
    [
      'dialect: xai\n    capabilities: { references: { image: { max: 2, roles: [style] } } }\n    characters: stills',
      /takes no pictures of a subject/,
    ],
  ]
  for (const lines of [
    'dialect: openai-videos\n    profile: new-api\n    characters: inline',
    'dialect: openai-videos\n    traits: { inline_characters: true }\n    characters: inline',
    'dialect: v2-generations\n    characters: inline',
    'dialect: xai\n    characters: stills',
    'dialect: ark-tasks\n    characters: stills\n    max_characters: 4',
  ])
    t.ok(named(lines).ok, lines)
  for (const [lines, message] of rows) t.match(named(lines), { problems: [{ message }] }, lines)
})

t.test('source videos are for servers that have such calls', async (t) => {
  const named = (lines: string) =>
    load(described.replace(/dialect:[\s\S]*?base_url/, `${lines}\n    base_url`))
  const ofSpec = (lines: string) => {
    const loaded = named(lines)
    if (!loaded.ok) return loaded.problems.map(({ message }) => message)
    const { sourceVideos, remixOnly } = loaded.config.upstreams[0]?.spec ?? {}
    return [sourceVideos, remixOnly]
  }
  const openai = 'dialect: openai-videos\n    '
  t.same(ofSpec(`${openai}profile: openai`), ['own', undefined])
  t.same(ofSpec(`${openai}traits: { sources: none }`), [undefined, undefined])
  t.same(ofSpec(`${openai}profile: azure`), [undefined, undefined])
  t.same(ofSpec(`${openai}profile: azure\n    source_videos: own`), ['own', true])
  t.same(ofSpec(`${openai}profile: generic\n    source_videos: any`), ['any', undefined])
  t.match(ofSpec(`${openai}profile: azure\n    source_videos: any`), [/only remix their own videos/])
  t.match(ofSpec(`${openai}profile: sglang\n    source_videos: own`), [/cannot start from a video/])
  t.match(ofSpec('dialect: sora-tasks\n    source_videos: any'), [/cannot start from a video/])
  t.match(load(described.replace('api_key:', 'source_videos: own\n    api_key:')), {
    problems: [{ message: /cannot start from a video/ }],
  })
})

t.test('a key pair is whole, and set where the dialect signs', async (t) => {
  const pair = 'access_key: ak-1, secret_key: sk-1'.split(', ').join('\n    ')
  const signed = described.replace(
    '      characters:',
    '      auth: { key_pair: { scheme: hs256-token } }\n      characters:',
  )
  const loaded = load(signed.replace('api_key: acme-key', pair))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  t.same([...loaded.secrets.upstreamKeyPairs], [['acme', { accessKey: 'ak-1', secretKey: 'sk-1' }]])
  t.notMatch(JSON.stringify(loaded.config), /sk-1/)
  t.same(
    loaded.warnings.filter((each) => each.includes('api_key')),
    [],
  )

  const serviced = `services: { s: { base_url: 'https://s.example', key_pair: { scheme: volcengine-v4, service: ark, region: r } } }`
  const withService = described.replace('      characters:', `      ${serviced}\n      characters:`)
  const native = withService.replace('    price:', '    characters: native\n    price:')
  const rows: Array<[text: string, problem: RegExp | null]> = [
    [
      signed.replace('api_key: acme-key', 'access_key: ak-1'),
      /access_key: is half of a key pair; set secret_key/,
    ],
    [
      signed.replace('api_key: acme-key', 'secret_key: sk-1'),
      /secret_key: is half of a key pair; set access_key/,
    ],
    [signed.replace('api_key: acme-key', `api_key: k\n    ${pair}`), /access_key: is set beside api_key/],
    [described.replace('api_key: acme-key', pair), /access_key: is not used by this dialect/],
    [native, /characters: is native, and this dialect makes characters with signed calls/],
    [native.replace('api_key: acme-key', `api_key: k\n    ${pair}`), null],
    [withService, null],
    [
      withService.replace('path: /v1/people', 'service: t\n          path: /v1/people'),
      /service: is none of the description's services \(s\)/,
    ],
    [
      withService.replace('scheme: volcengine-v4', 'scheme: aws'),
      /should be a scheme \(hs256-token or volcengine-v4\)/,
    ],
    [
      withService
        .replace('path: /v1/people', 'service: s\n          path: /v1/people')
        .replace("body: { clip: '{{ clip.url }}' }", 'form: { clip: { file: clip } }'),
      /form: cannot be signed, because files are streamed/,
    ],
    [
      described.replace('      characters:', '      auth: { header: X-Key }\n      characters:'),
      /auth: should have both `header` and `value`/,
    ],
  ]
  for (const [text, problem] of rows) {
    const result = load(text)
    const report = result.ok ? null : formatProblems('understudy.yaml', result.problems)
    if (problem === null) t.equal(report, null)
    else t.match(report, problem)
  }
})
