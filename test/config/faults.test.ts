import t from 'tap'
import { changed, report } from './base.ts'

// What is replaced in the base file, by what, and what is said about it: `line:column path: message`.
const FAULTS: Array<[from: string, to: string, expected: string[]]> = [
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
  [
    'poll: { every_seconds: 5 }',
    'limits: { creates_per_minut: 5 }',
    [
      '18:15 upstreams[0].limits.creates_per_minut: unknown key `creates_per_minut`; did you mean `creates_per_minute`?',
    ],
  ],
  ['routing:', 'ruoting:', ['7:1 ruoting: unknown key `ruoting`; did you mean `routing`?']],
  [
    'poll: { every_seconds: 5 }',
    'charged_on: create',
    ['18:5 upstreams[0].charged_on: unknown key `charged_on`; it belongs in `upstreams[0].price`'],
  ],
  [
    'poll: { every_seconds: 5 }',
    'stall_seconds: 4',
    ['18:5 upstreams[0].stall_seconds: unknown key `stall_seconds`; it belongs in `upstreams[0].timeouts`'],
  ],
  [
    'name: studio',
    'name: studio\n      deadline_seconds: 4',
    ['5:7 auth.keys[0].deadline_seconds: unknown key `deadline_seconds`; it belongs in `routing`'],
  ],
  [
    'server: { port: 8787 }',
    'server: { tls: yes }',
    ['1:11 server.tls: unknown key `tls`; known here: host, port, public_url, role'],
  ],
  ['port: 8787', 'port: high', ['1:17 server.port: should be a number, not text']],
  ['port: 8787', 'port: 87870', ['1:17 server.port: should be at most 65535']],
  ['port: 8787', 'port: 80.5', ['1:17 server.port: should be a whole number']],
  [
    'port: 8787',
    'host: http://x',
    ['1:17 server.host: should be a host name or an address, without scheme and port'],
  ],
  ['port: 8787', 'role: wroker', ['1:17 server.role: should be all, api or worker; did you mean `worker`?']],
  [
    'model: sora-2 }',
    'model: sora-2, fallback: yes }',
    ['7:37 routing.fallback: should be true or false, not text'],
  ],
  ['allow: [official]', 'allow: official', ['6:14 auth.keys[0].allow: should be a list, not text']],
  [
    'models: { sora-2: sora-2 }',
    'models: [sora-2]',
    ['14:13 upstreams[0].models: should be a map of keys, not a list'],
  ],
  [
    'key: studio-iFCx2cAmQ1RIHQSm',
    'key: 12345678901234567890',
    ['5:12 auth.keys[0].key: should be text; put it in quotes'],
  ],
  [
    'base_url: https://beta.example',
    'base_url: null',
    ['23:15 upstreams[1].base_url: should be text, not null'],
  ],
  [
    'kind: reverse',
    'kind: reversed',
    ['21:11 upstreams[1].kind: should be official, reverse or self_hosted; did you mean `reverse`?'],
  ],
  ['kind: reverse', 'kind: cheap', ['21:11 upstreams[1].kind: should be official, reverse or self_hosted']],
  ['    kind: reverse\n', '', ['20:5 upstreams[1].kind: is required']],
  [
    '    kind: reverse\n    dialect: sora-tasks\n',
    '',
    ['20:5 upstreams[1].kind: is required', '20:5 upstreams[1].dialect: is required'],
  ],
  ['    price: { per_request_usd: 0.12 }\n', '', ['20:5 upstreams[1].price: is required']],
  [
    'price: { per_request_usd: 0.12 }',
    'price: {}',
    ['26:12 upstreams[1].price: has no price; set per_request_usd or per_second_usd (0 is allowed)'],
  ],
  [
    'price: { per_request_usd: 0.12 }',
    'price: { per_request_usd: 0.12, per_second_usd: { default: 1 } }',
    ['26:12 upstreams[1].price: has both per_request_usd and per_second_usd; keep one'],
  ],
  [
    'per_second_usd: { default: 0.1 }',
    'per_second_usd: { 1280x720: 0.1 }',
    ['17:30 upstreams[0].price.per_second_usd.default: is required'],
  ],
  [
    'per_second_usd: { default: 0.1 }',
    'per_second_usd: 0.1',
    ['17:30 upstreams[0].price.per_second_usd: should be a map of keys, not a number'],
  ],
  [
    'per_second_usd: { default: 0.1 }',
    'per_second_usd: { default: 0.1, hd: 0.2 }',
    [
      '17:46 upstreams[0].price.per_second_usd.hd: should be default, a size such as 1792x1024 or a resolution such as 1080p',
    ],
  ],
  [
    'per_second_usd: { default: 0.1 }',
    'per_second_usd: { default: 0.1, defualt: 0.2 }',
    [
      '17:46 upstreams[0].price.per_second_usd.defualt: should be default, a size such as 1792x1024 or a resolution such as 1080p; did you mean `default`?',
    ],
  ],
  [
    'per_request_usd: 0.12',
    'per_request_usd: -1',
    ['26:31 upstreams[1].price.per_request_usd: should be at least 0'],
  ],
  [
    'per_request_usd: 0.12',
    'per_request_usd: 0.1200001',
    ['26:31 upstreams[1].price.per_request_usd: should have at most six decimal places'],
  ],
  ['id: beta', 'id: alpha', ['20:9 upstreams[1].id: is already the id of upstreams[0]']],
  [
    'id: beta',
    'id: be ta',
    [
      '20:9 upstreams[1].id: should be up to 64 letters, digits, `.`, `_` or `-`, with a letter or digit first',
    ],
  ],
  [
    '      allow: [official]',
    '      allow: [official]\n    - { name: studio, key: studio-iFCx2cAmQ1RIHQSm }',
    [
      '7:15 auth.keys[1].name: is already the name of auth.keys[0]',
      '7:28 auth.keys[1].key: is the same secret as that of auth.keys[0]',
    ],
  ],
  [
    'key: studio-iFCx2cAmQ1RIHQSm',
    'key: studio-key',
    [
      '5:12 auth.keys[0].key: should be at least 16 characters long; create one with `openssl rand -base64 32`',
    ],
  ],
  [
    'key: studio-iFCx2cAmQ1RIHQSm',
    'key: "studio-key 0123456789\\n"',
    ['5:12 auth.keys[0].key: should be ASCII without spaces and line breaks'],
  ],
  [
    'name: studio',
    'name: studio\n      scopes: [generate, write]',
    ['5:26 auth.keys[0].scopes[1]: should be generate, read, admin, operate or operate_prompts'],
  ],
  ['name: studio', 'name: studio\n      scopes: []', ['5:15 auth.keys[0].scopes: should not be empty']],
  ['allow: [official]', 'allow: [official, official]', ['6:25 auth.keys[0].allow[1]: is listed twice']],
  [
    'allow: [official]',
    'upstreams: [alpha, bata]\n      models: [sora-2, veo-3, sora2]',
    [
      '6:26 auth.keys[0].upstreams[1]: is not an upstream in this file; did you mean `beta`?',
      '7:24 auth.keys[0].models[1]: no upstream serves this model',
      '7:31 auth.keys[0].models[2]: no upstream serves this model; did you mean `sora-2`?',
    ],
  ],
  ['allow: [official]', 'upstreams: []', ['6:18 auth.keys[0].upstreams: should not be empty']],
  [
    'name: studio',
    'name: studio\n      monthly_budget_usd: lots',
    ['5:27 auth.keys[0].monthly_budget_usd: should be a number, not text'],
  ],
  [
    'routing: { model: sora-2 }',
    'routing: { model: sora-3 }',
    ['7:19 routing.model: no upstream serves this model; did you mean `sora-2`?'],
  ],
  [
    'routing: { model: sora-2 }',
    'routing: { model: veo-3.1-fast }',
    ['7:19 routing.model: no upstream serves this model; they serve sora-2'],
  ],
  [
    'dialect: sora-tasks',
    'dialect: sora-task',
    [
      '22:14 upstreams[1].dialect: unknown dialect; supported: openai-videos, sora-tasks, create-query, v2-generations, kie-jobs, grsai, fal-queue, wavespeed, volc-asset, comfyui, openrouter, ark-tasks, minimax-v2, xai or vidu; did you mean `sora-tasks`?',
    ],
  ],
  [
    'dialect: sora-tasks',
    'dialect: constructor',
    [
      '22:14 upstreams[1].dialect: unknown dialect; supported: openai-videos, sora-tasks, create-query, v2-generations, kie-jobs, grsai, fal-queue, wavespeed, volc-asset, comfyui, openrouter, ark-tasks, minimax-v2, xai or vidu',
    ],
  ],
  [
    'dialect: sora-tasks',
    'dialect: { create: { path: /x } }',
    ['22:14 upstreams[1].dialect: an inline dialect is not supported here; use a named dialect'],
  ],
  [
    'dialect: openai-videos',
    'dialect: openai-videos\n    profile: aws',
    [
      '12:14 upstreams[0].profile: unknown profile of openai-videos; supported: openai, azure, new-api, vllm-omni, sglang, trtllm, gemini-compat, litellm or generic',
    ],
  ],
  [
    'dialect: sora-tasks',
    'dialect: sora-tasks\n    profile: generik',
    [
      '23:14 upstreams[1].profile: unknown profile of sora-tasks; supported: generic; did you mean `generic`?',
    ],
  ],
  [
    'https://beta.example',
    'ftp://beta.example',
    ['23:15 upstreams[1].base_url: should be a URL that starts with http:// or https://'],
  ],
  [
    'https://beta.example',
    'https://user:pass@beta.example',
    ['23:15 upstreams[1].base_url: should not hold a user name or a password'],
  ],
  [
    'https://beta.example',
    'https://beta.example/v1?key=x',
    ['23:15 upstreams[1].base_url: should not have a query (`?`) or a fragment (`#`)'],
  ],
  [
    'https://beta.example',
    'https://',
    ['23:15 upstreams[1].base_url: should be a URL that starts with http:// or https://'],
  ],
  [
    'port: 8787',
    'public_url: gateway.example',
    ['1:23 server.public_url: should be a URL that starts with http:// or https://'],
  ],
  [
    'models: { sora-2: sora_video2 }',
    'models: {}',
    ['25:13 upstreams[1].models: should have at least one model: `our-id: their-id`'],
  ],
  [
    'references: [video]',
    'references: [video]\n    durations: [4, 4, 0]',
    [
      '16:20 upstreams[0].durations[1]: is listed twice',
      '16:23 upstreams[0].durations[2]: should be at least 0.1',
    ],
  ],
  [
    'references: [video]',
    'references: [video]\n    sizes: [1280x720, 1281x720, hd]',
    [
      '16:23 upstreams[0].sizes[1]: should be WIDTHxHEIGHT in even pixels, such as 1280x720',
      '16:33 upstreams[0].sizes[2]: should be WIDTHxHEIGHT in even pixels, such as 1280x720',
    ],
  ],
  [
    'references: [video]',
    'references: [video, audio]',
    ['15:25 upstreams[0].references[1]: should be image or video'],
  ],
  [
    'references: [video]',
    'references: []',
    [
      '16:17 upstreams[0].characters: reference requires an upstream that accepts one; add video to `references`',
    ],
  ],
  [
    'price: { per_request_usd: 0.12 }',
    'price: { per_request_usd: 0.12 }\n    max_characters: 2',
    [
      '27:21 upstreams[1].max_characters: is set, but `characters` is none; set it to native, inline or reference, or remove this key',
    ],
  ],
  [
    'price: { per_request_usd: 0.12 }',
    'price: { per_request_usd: 0.12 }\n    character_clip_seconds: { max: 3 }',
    [
      '27:29 upstreams[1].character_clip_seconds: is set, but no character is created from a clip; set `characters` to native or inline, or remove this key',
    ],
  ],
  [
    'price: { per_request_usd: 0.12 }',
    'price: { per_request_usd: 0.12 }\n    characters: native\n    character_clip_seconds: { min: 4, max: 3 }',
    ['28:29 upstreams[1].character_clip_seconds: has a min that is longer than its max'],
  ],
  [
    'every_seconds: 5',
    'every_seconds: 301',
    [
      '18:28 upstreams[0].poll.every_seconds: is longer than stall_seconds (300): a job would be given up between two polls',
    ],
  ],
  [
    'every_seconds: 5',
    'first_after_seconds: 301',
    [
      '18:34 upstreams[0].poll.first_after_seconds: is longer than stall_seconds (300): a job would be given up between two polls',
    ],
  ],
  [
    'stall_seconds: 300',
    'stall_seconds: 901',
    [
      '19:32 upstreams[0].timeouts.stall_seconds: is longer than attempt_seconds (900), which ends the attempt first',
    ],
  ],
  [
    'poll: { every_seconds: 5 }',
    'limits: { max_in_flight: 0, polls_per_second: fast }',
    [
      '18:30 upstreams[0].limits.max_in_flight: should be at least 1',
      '18:51 upstreams[0].limits.polls_per_second: should be a number, not text',
    ],
  ],
  [
    'poll: { every_seconds: 5 }',
    'breaker: { failure_rate: 1.5, min_calls: 2.5, open_seconds: .inf }',
    [
      '18:30 upstreams[0].breaker.failure_rate: should be at most 1',
      '18:46 upstreams[0].breaker.min_calls: should be a whole number',
      '18:65 upstreams[0].breaker.open_seconds: should be a finite number',
    ],
  ],
  [
    'poll: { every_seconds: 5 }',
    'create_5xx: reject',
    ['18:17 upstreams[0].create_5xx: should be unknown or rejected; did you mean `rejected`?'],
  ],
  [
    'api_key: sk-beta',
    'api_key: [sk-beta]',
    [
      '24:14 upstreams[1].api_key: should be text, not a list',
      '24:14 upstreams[1].api_key: should not be empty text',
    ],
  ],
  ['api_key: sk-beta', 'api_key: ""', ['24:14 upstreams[1].api_key: should not be empty text']],
  [
    'api_key: sk-beta',
    'api_key: sk-beta\n    webhook_secret: { a: b }',
    ['25:21 upstreams[1].webhook_secret: should be text, not a map of keys'],
  ],
  [
    'allow: [official]',
    'webhook_secrets: [whsec_short]',
    [
      '6:25 auth.keys[0].webhook_secrets[0]: should be whsec_ and 24 to 64 bytes in base64, such as from `openssl rand -base64 32`',
    ],
  ],
  [
    'allow: [official]',
    'webhook_url: ftp://a.example/',
    ['6:20 auth.keys[0].webhook_url: should be a URL that starts with http:// or https://'],
  ],
  [
    'api_key: sk-beta',
    'api_key: sk-beta\n    webhook_secret: whsec_?!',
    ['25:21 upstreams[1].webhook_secret: should be base64 after `whsec_`, as the vendor gave it'],
  ],
  [
    'server: { port: 8787 }',
    'storage: { url: "postgres://u:p@h/db" }',
    ['1:17 storage.url: PostgreSQL is not supported; use SQLite, such as sqlite:./data/understudy.db'],
  ],
  [
    'server: { port: 8787 }',
    'storage: { url: mysql://h/db }',
    ['1:17 storage.url: should be sqlite: and a file, such as sqlite:./data/understudy.db'],
  ],
  [
    'server: { port: 8787 }',
    'storage: { url: "sqlite::memory:" }',
    ['1:17 storage.url: should be a file: an in-memory database loses accepted work'],
  ],
  [
    'server: { port: 8787 }',
    'media: { url: s3://bucket, max_bytes: 0 }',
    [
      '1:15 media.url: S3 is not supported; use a directory, such as file:./data/media',
      '1:39 media.max_bytes: should be at least 1',
    ],
  ],
  [
    'server: { port: 8787 }',
    'media: { url: ./data/media }',
    ['1:15 media.url: should be file: and a directory, such as file:./data/media'],
  ],
  [
    'server: { port: 8787 }',
    'fetch: { allow_private_hosts: [127.0.0.1, 10.0.0.0/8, "::1", "http://x", 10.0.0.0/33] }',
    [
      '1:62 fetch.allow_private_hosts[3]: should be a host name, an address or a CIDR range, without scheme and port',
      '1:74 fetch.allow_private_hosts[4]: should be a host name, an address or a CIDR range, without scheme and port',
    ],
  ],
  [
    'server: { port: 8787 }',
    'fetch: { dns_servers: [10.0.0.2, "10.0.0.2:5353", "::1", "[::1]:53", ns.example, "::1:99999", "10.0.0.2:0"] }',
    [
      '1:70 fetch.dns_servers[4]: should be an IP address, or an address and a port such as 10.0.0.2:5353',
      '1:82 fetch.dns_servers[5]: should be an IP address, or an address and a port such as 10.0.0.2:5353',
      '1:95 fetch.dns_servers[6]: should be an IP address, or an address and a port such as 10.0.0.2:5353',
    ],
  ],
  [
    'routing: { model: sora-2 }',
    'routing: { model: sora-2, unknown_hold_seconds: -1, deadline_seconds: 9e9, priority: cheap }',
    [
      '7:49 routing.unknown_hold_seconds: should be at least 0',
      '7:71 routing.deadline_seconds: should be at most 604800',
      '7:86 routing.priority: should be cost or stability',
    ],
  ],
]

t.test('every fault is reported with its exact place, in words', async (t) => {
  for (const [from, to, expected] of FAULTS) {
    const said = report(changed(from, to)).split('\n')
    t.same(
      said.map((line) => line.replace('understudy.yaml:', '')),
      expected,
      to,
    )
  }
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
    'understudy.yaml:16:17 upstreams[0].characters: should be native, inline, reference or none; did you mean `native`?',
    'understudy.yaml:20:5 upstreams[1].price: is required',
    'understudy.yaml:20:9 upstreams[1].id: is already the id of upstreams[0]',
  ])
})
