import t from 'tap'
import { presetNames } from '../../src/gateway/upstreams/described/preset-names.ts'
import { faultsAreReported } from './base.ts'
import type { Fault } from './base.ts'

const supported = ['openai-videos', ...presetNames].join(', ').replace(/, ([^,]*)$/, ' or $1')

const FAULTS: Fault[] = [
  [
    'poll: { every_seconds: 5 }',
    'limits: { creates_per_minut: 5 }',
    [
      '18:15 upstreams[0].limits.creates_per_minut: unknown key `creates_per_minut`; did you mean `creates_per_minute`?',
    ],
  ],
  [
    'poll: { every_seconds: 5 }',
    'limits: { spend_usd_per_day: -1 }',
    ['18:34 upstreams[0].limits.spend_usd_per_day: should be at least 0'],
  ],
  [
    'poll: { every_seconds: 5 }',
    'limits: { spend_usd_per_da: 5 }',
    [
      '18:15 upstreams[0].limits.spend_usd_per_da: unknown key `spend_usd_per_da`; did you mean `spend_usd_per_day`?',
    ],
  ],
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
    'models: { sora-2: sora-2 }',
    'models: [sora-2]',
    ['14:13 upstreams[0].models: should be a map of keys, not a list'],
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
    'per_second_usd: { default: 0.1 }, settle_by: vendors',
    ['17:59 upstreams[0].price.settle_by: should be vendor or price_list; did you mean `vendor`?'],
  ],
  [
    'per_second_usd: { default: 0.1 }',
    'per_second_usd: { default: 0.1 }, warn_difference: -1',
    ['17:65 upstreams[0].price.warn_difference: should be at least 0'],
  ],
  [
    'per_second_usd: { default: 0.1 }',
    'per_second_usd: { default: 0.1 }, usd_per_unit: { tokens: free }',
    ['17:72 upstreams[0].price.usd_per_unit.tokens: should be a number, not text'],
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
    'dialect: sora-tasks',
    'dialect: sora-task',
    [`22:14 upstreams[1].dialect: unknown dialect; supported: ${supported}; did you mean \`sora-tasks\`?`],
  ],
  [
    'dialect: sora-tasks',
    'dialect: constructor',
    [`22:14 upstreams[1].dialect: unknown dialect; supported: ${supported}`],
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
      '27:21 upstreams[1].max_characters: is set, but `characters` is none; set it to native, inline, stills or reference, or remove this key',
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
    'api_key: sk-beta',
    'api_key: sk-beta\n    webhook_secret: whsec_?!',
    ['25:21 upstreams[1].webhook_secret: should be base64 after `whsec_`, as the vendor gave it'],
  ],
]

t.test('every fault of an upstream is reported with its exact place, in words', async (t) => {
  faultsAreReported(t, FAULTS)
})
