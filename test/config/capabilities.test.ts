import t from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { base, load } from './base.ts'

const written = `    capabilities:
      first_frame: true
      last_frame: with_first_frame
      references: { image: { max: 9, roles: [subject, style] }, audio: { max: 3 }, max: 10 }
      exclusive_inputs: [[last_frame, references]]
      audio: optional
      seed: accepted
      resolutions: [480p, 4k]
      aspect_ratios: ['16:9', auto]
      lengths:
        - { resolutions: [4k], durations: [10, 5] }
      options:
        mode: { type: string, values: [std, pro], price: { pro: { times: 1.5 } } }
        boost: { type: integer, min: 0, max: 9, price: { '9': { per_second_usd: 0.02 } } }
`

function withCapabilities(text: string): string {
  return base.replace('    poll: { every_seconds: 5 }\n', (line) => text + line)
}

t.test('what an upstream can be asked for is read as routing sees it', async (t) => {
  const loaded = load(withCapabilities(written))
  if (!loaded.ok) return void t.fail(JSON.stringify(loaded.problems))
  const [alpha, beta] = loaded.config.upstreams
  t.same(alpha?.spec.capabilities, {
    firstFrame: true,
    lastFrame: 'with_first_frame',
    references: {
      image: { max: 9, roles: ['subject', 'style'] },
      video: null,
      audio: { max: 3, roles: null },
    },
    mostReferences: 10,
    exclusive: [['last_frame', 'references']],
    required: [],
    audio: 'optional',
    seed: 'accepted',
    negativePrompt: 'unsupported',
    resolutions: ['480p', '4k'],
    aspectRatios: ['16:9', 'auto'],
    lengths: [{ resolutions: ['4k'], inputs: null, durations: [5, 10] }],
    options: {
      mode: {
        type: 'string',
        values: ['std', 'pro'],
        min: null,
        max: null,
        price: { pro: { type: 'times', factor: 1.5 } },
      },
      boost: {
        type: 'integer',
        values: null,
        min: 0,
        max: 9,
        price: { 9: { type: 'per_second', micros: 20_000 } },
      },
    },
  })
  t.equal(beta?.spec.capabilities, undefined, 'an upstream that says nothing can do nothing new')
})

t.test('prices may be by resolution, and with sound', async (t) => {
  const loaded = load(base.replace('default: 0.1', 'default: 0.1, 1080p: 0.2, 1080p+audio: 0.3'))
  if (!loaded.ok) return void t.fail(JSON.stringify(loaded.problems))
  const price = { default: 100_000, '1080p': 200_000, '1080p+audio': 300_000 }
  t.same(loaded.config.upstreams[0]?.spec.price, { type: 'per_second', micros: price })
})

for (const [what, line, message] of [
  ['an unknown key', 'first_frames: true', 'unknown key `first_frames`; did you mean `first_frame`?'],
  ['a resolution', 'resolutions: [hd]', 'should be lines or k, such as 720p or 4k'],
  ['a ratio', 'aspect_ratios: [wide]', 'should be W:H, such as 16:9, or auto'],
  ['an option of the gateway', 'options: { callback_url: { type: string } }', 'is not an allowed name'],
  ['an option without a type', 'options: { mode: {} }', 'is required'],
  [
    'a value of another type',
    'options: { mode: { type: boolean, values: [yes] } }',
    'is not of type boolean',
  ],
  [
    'a price of no value',
    'options: { mode: { type: string, values: [std], price: { pro: { times: 2 } } } }',
    'is the price of a value that the option does not have',
  ],
  [
    'two effects',
    'options: { mode: { type: string, price: { pro: { times: 2, per_second_usd: 1 } } } }',
    'should be one of times, per_second_usd and per_request_usd',
  ],
  ['a bound of text', 'options: { mode: { type: string, min: 1 } }', 'is a bound of numbers; remove it'],
  ['lengths of nothing', 'lengths: [{ durations: [5] }]', 'write resolutions or inputs'],
  ['an exclusion of one', 'exclusive_inputs: [[last_frame]]', 'should name at least two inputs'],
] as const) {
  t.test(`capabilities: ${what} is refused in words`, async (t) => {
    const loaded = load(withCapabilities(`    capabilities: { ${line} }\n`))
    if (loaded.ok) return void t.fail('loaded')
    t.equal(loaded.problems.length, 1)
    t.match(loaded.problems[0]?.message, message)
    t.match(loaded.problems[0], { line: 18 })
  })
}

/** An upstream with an inline dialect whose create has these placeholders. */
function described(words: string, capabilities: string, own = ''): string {
  return `upstreams:
  - id: alpha
    kind: official
    dialect:
      name: our-own
      create: { path: /jobs, body: { ${words} }, id: id }
      poll: { path: '/jobs/{{ id }}', status: status, video: url }
      ${capabilities}
    base_url: https://alpha.example
    api_key: sk-alpha
    models: { sora-2: sora-2 }
    price: { per_second_usd: { default: 0.1 } }
    ${own}
`
}

function loadDescribed(text: string) {
  return loadConfig({ text, fileName: 'understudy.yaml', env: {}, knownDialects, inlineDialects })
}

t.test('what a description can be asked for holds where the upstream does not say otherwise', async (t) => {
  const loaded = loadDescribed(
    described(
      "seed: '{{ asked_seed }}', mode: '{{ options.mode }}', extra: '{{ options.extra }}'",
      'capabilities: { seed: accepted, audio: never, options: { mode: { type: string } } }',
      'capabilities: { audio: always, options: { extra: { type: boolean } } }',
    ),
  )
  if (!loaded.ok) return void t.fail(JSON.stringify(loaded.problems))
  t.match(loaded.config.upstreams[0]?.spec.capabilities, {
    seed: 'accepted',
    audio: 'always',
    options: { mode: { type: 'string' }, extra: { type: 'boolean' } },
  })
})

for (const [words, capability, path] of [
  ["a: '{{ prompt }}'", 'first_frame: true', 'first_frame'],
  ["a: '{{ first_frame.url }}'", 'last_frame: any', 'last_frame'],
  ["a: '{{ videos[0] }}'", 'references: { image: { max: 1 } }', 'references.image'],
  ["a: '{{ images }}'", 'references: { audio: { max: 1 } }', 'references.audio'],
  ["a: '{{ prompt }}'", 'audio: optional', 'audio'],
  ["a: '{{ prompt }}'", 'seed: accepted', 'seed'],
  ["a: '{{ prompt }}'", 'negative_prompt: accepted', 'negative_prompt'],
  ["a: '{{ prompt }}'", 'resolutions: [480p, 720p]', 'resolutions'],
  ["a: '{{ resolution }}'", "aspect_ratios: ['16:9', '9:16']", 'aspect_ratios'],
  ["a: '{{ options.tier }}'", 'options: { mode: { type: string } }', 'options.mode'],
] as const) {
  t.test(`capabilities: ${capability} is refused where the create would leave it out`, async (t) => {
    const loaded = loadDescribed(described(words, '', `capabilities: { ${capability} }`))
    if (loaded.ok) return void t.fail('loaded')
    t.same(
      loaded.problems.map((problem) => problem.path),
      [`upstreams[0].capabilities.${path}`],
    )
    t.match(loaded.problems[0]?.message, 'cannot be sent: the create of this dialect has no `')
  })
}

t.test('the OpenAI protocol has no field for frames, references, sound, seeds and options', async (t) => {
  const loaded = loadDescribed(withCapabilities(written))
  if (loaded.ok) return void t.fail('loaded')
  t.same(
    loaded.problems.map(({ path }) => path.replace('upstreams[0].capabilities.', '')),
    [
      'first_frame',
      'last_frame',
      'references.image',
      'references.audio',
      'audio',
      'seed',
      'options.mode',
      'options.boost',
    ],
  )
})
