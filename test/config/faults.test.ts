import t from 'tap'
import { changed, faultsAreReported, report } from './base.ts'
import type { Fault } from './base.ts'

const FAULTS: Fault[] = [
  ['  keys:', '\tkeys:', ['3:1 tabs are not allowed for indentation; use spaces']],
  ['kind: official', 'kind: "official', ['10:11 this quote is not closed']],
  [
    'server: { port: 8787 }',
    'server: { port: 8787',
    ['2:1 the indentation does not match the lines above, or a `{` or `[` is not closed'],
  ],
  [
    '    kind: official',
    '   kind: official',
    ['10:1 a `,`, a `:` or a bracket is missing before this, or the indentation is wrong'],
  ],
  [
    'name: studio',
    'name: studio: x',
    ['4:13 a second `:` on this line; put a value that contains `: ` in quotes'],
  ],
  [
    'server: { port: 8787 }',
    'server: { port: ${PORT}, host: a }',
    ['1:17 inside { } or [ ] a variable must be quoted: "${NAME}"'],
  ],
  ['allow: [official]', 'allow: [${KIND}]', ['6:15 inside { } or [ ] a variable must be quoted: "${NAME}"']],
  [
    'key: studio',
    'key: !secret studio',
    ['5:12 this `!tag` is not supported; put a value that starts with `!` in quotes'],
  ],
  [
    'key: studio-iFCx2cAmQ1RIHQSm',
    'key: *studio-iFCx2cAmQ1RIHQSm',
    ['5:12 auth.keys[0].key: no earlier anchor has this name; put a value that starts with `*` in quotes'],
  ],
  [
    'auth:',
    '---\nauth:',
    ['2:1 a second document starts here (`---`); the configuration must be one document'],
  ],
  [
    '    kind: official',
    '    kind: official\n    kind: reverse',
    ['11:5 upstreams[0].kind: `kind` is already set on line 10'],
  ],
  [
    'routing: { model: sora-2 }',
    'routing: { model: sora-2 }\nserver: {}',
    ['8:1 server: `server` is already set on line 1'],
  ],
  ['kind: official', 'kind:', ['10:5 upstreams[0].kind: has no value; write one or remove the key']],
  [
    '      allow: [official]',
    '      allow:',
    ['6:7 auth.keys[0].allow: has no value; write one or remove the key'],
  ],
  [
    'name: studio',
    'name: ${not a name}',
    [
      '4:13 auth.keys[0].name: a `${` is not followed by a NAME or file:PATH and `}`; write `$${` where a literal `${` is meant',
    ],
  ],
  [
    'models: { sora-2: sora-2 }',
    'models: { "${M}": sora-2 }',
    ['14:15 upstreams[0].models: variables are supported in values only, not in keys'],
  ],
  ['routing:', 'ruoting:', ['7:1 ruoting: unknown key `ruoting`; did you mean `routing`?']],
]

t.test('every fault of the form of the file is reported with its exact place, in words', async (t) => {
  faultsAreReported(t, FAULTS)
})

t.test('a value at fault is complained about once, and no rule takes it for absent', async (t) => {
  const text = changed('characters: reference', 'characters:\n    max_characters: 2')
    .replace('per_request_usd: 0.12', 'per_request_usd: "${PRICE}"')
    .replace('{ sora-2: sora-2 }', '{ sora-2: "${MODEL}" }')
    .replace('api_key: sk-beta', 'api_key: ${KEY}')
  t.same(report(text).split('\n'), [
    'understudy.yaml:14:23 upstreams[0].models.sora-2: environment variable MODEL is not set',
    'understudy.yaml:16:5 upstreams[0].characters: has no value; write one or remove the key',
    'understudy.yaml:25:14 upstreams[1].api_key: environment variable KEY is not set',
    'understudy.yaml:27:31 upstreams[1].price.per_request_usd: environment variable PRICE is not set',
  ])
})

t.test('faults of all sections are reported together, in the order of the file', async (t) => {
  const text = changed('port: 8787', 'prot: 8787')
    .replace('key: studio-iFCx2cAmQ1RIHQSm', 'key: ${STUDIO_KEY}')
    .replace('model: sora-2 }', 'model: sora-9 }')
    .replace('characters: reference', 'characters: natif')
    .replace('id: beta', 'id: alpha')
    .replace('    price: { per_request_usd: 0.12 }\n', '')
  t.same(report(text).split('\n'), [
    'understudy.yaml:1:11 server.prot: unknown key `prot`; did you mean `port`?',
    'understudy.yaml:5:12 auth.keys[0].key: environment variable STUDIO_KEY is not set',
    'understudy.yaml:7:19 routing.model: no upstream serves this model; did you mean `sora-2`?',
    'understudy.yaml:16:17 upstreams[0].characters: should be native, inline, stills, reference or none; did you mean `native`?',
    'understudy.yaml:20:5 upstreams[1].price: is required',
    'understudy.yaml:20:9 upstreams[1].id: is already the id of upstreams[0]',
  ])
})
