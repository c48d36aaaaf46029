import t from 'tap'
import { dialectOf } from '../../src/gateway/upstreams/dialects.ts'
import { settings, spec } from './fixtures.ts'
import { checkPolls, followUp, preset, recorded } from './preset-fixtures.ts'

const described = (poll: object, more: object = {}) =>
  dialectOf(
    settings({
      spec: spec({ dialect: 'made-up' }),
      description: {
        create: { path: '/jobs', body: {}, id: 'id' },
        poll: { path: '/jobs/{{ id }}', status: 'state', video: 'url', ...poll },
        ...more,
      },
    }),
  )

const done = { state: 'done', url: 'https://x.example/v.mp4' }

t.test('a description says where the cost of a job is, and what a unit is worth', async (t) => {
  const cost = { amount: ['bill.spent', 'bill.held'], unit: 'coins', usd_per_unit: 0.25 }
  checkPolls(t, described({ cost }), [
    [
      'done',
      200,
      { ...done, bill: { spent: '3' } },
      { charge: { micros: 750_000, usage: { amount: 3, unit: 'coins' } } },
    ],
    ['failed', 200, { state: 'failed', bill: { held: 0 } }, { type: 'failed', charge: { micros: 0 } }],
    [
      'its place goes before the usual ones',
      200,
      { ...done, usage: { cost: 9 }, bill: { spent: 1 } },
      { charge: { micros: 250_000 } },
    ],
    [
      'which are read where it has none',
      200,
      { ...done, usage: { cost: 9 }, bill: { spent: 'much' } },
      { charge: { micros: 9_000_000 } },
    ],
    ['seconds', 200, { state: 'waiting', bill: { spent: 4 } }, { type: 'running', charge: undefined }],
  ])
  const unpriced = described({ cost: { amount: 'coins', unit: 'coins' } })
  t.match(unpriced.poll.decode(recorded(200, { ...done, coins: 7 }), { id: 'j' }), {
    charge: { micros: null, seconds: null, usage: { amount: 7, unit: 'coins' } },
  })
  const seconds = described({ cost: { amount: 'billed', unit: 'seconds' } })
  t.match(seconds.poll.decode(recorded(200, { ...done, billed: 7 }), { id: 'j' }), {
    charge: { micros: null, seconds: 7 },
  })
})

t.test('the cost may be in the poll, or in the result that is asked for after it', async (t) => {
  const cost = { amount: 'coins', unit: 'coins' }
  const poll = { status: 'state', cost, video: undefined }
  const dialect = described(poll, { result: { path: '/results/{{ id }}', video: 'url', cost } })
  const asked = (body: object) =>
    followUp(dialect.poll.decode(recorded(200, { state: 'done', ...body }), { id: 'j' }))
  t.match(asked({ coins: 2 }).decode(recorded(200, { url: done.url })), { charge: { usage: { amount: 2 } } })
  t.match(asked({}).decode(recorded(200, { url: done.url, coins: 3 })), { charge: { usage: { amount: 3 } } })
})

t.test('vendors with presets say what a job cost', async (t) => {
  const url = 'https://x.example/v.mp4'
  const rows: Array<[name: string, body: object, charge: object]> = [
    [
      'openrouter',
      { id: 'o', status: 'completed', unsigned_urls: [url], usage: { cost: 0.8 } },
      { micros: 800_000 },
    ],
    [
      'xai',
      {
        status: 'done',
        video: { url, respect_moderation: true },
        usage: { cost_in_usd_ticks: 7_000_000_000 },
      },
      { micros: 700_000 },
    ],
    [
      'ark-tasks',
      { id: 'a', status: 'succeeded', content: { video_url: url }, usage: { total_tokens: 108_900 } },
      { micros: null, usage: { amount: 108_900, unit: 'tokens' } },
    ],
    [
      'kie-jobs',
      {
        code: 200,
        data: { state: 'success', resultJson: JSON.stringify({ resultUrls: [url] }), creditsConsumed: 30 },
      },
      { micros: null, usage: { amount: 30, unit: 'credits' } },
    ],
    [
      'vidu',
      { id: 'v', state: 'success', err_code: '', credits: 20, creations: [{ url }] },
      { micros: 100_000, usage: { amount: 20, unit: 'credits' } },
    ],
  ]
  for (const [name, body, charge] of rows)
    t.match(preset(name).poll.decode(recorded(200, body), { id: 'j' }), { type: 'completed', charge }, name)
})

t.test('Kling and others say it in units that only the configuration can price', async (t) => {
  checkPolls(t, described({}), [
    [
      'units',
      200,
      { ...done, final_unit_deduction: '5' },
      { charge: { usage: { amount: 5, unit: 'units' } } },
    ],
    [
      'tokens',
      200,
      { ...done, usage: { total_tokens: 9 } },
      { charge: { usage: { amount: 9, unit: 'tokens' } } },
    ],
    ['a limit of tokens is no cost', 200, { ...done, total_tokens: 9 }, { charge: undefined }],
    [
      'credits that are left are none',
      200,
      { ...done, credits: 9, remaining_credits: 3 },
      { charge: undefined },
    ],
  ])
})

t.test('a position in a queue is read where the vendor has one', async (t) => {
  const waits = { state: 'waiting', at: '4' }
  checkPolls(t, described({ queue_position: 'at' }), [
    ['as described', 200, waits, { type: 'running', queuePosition: 4 }],
    ['none', 200, { state: 'waiting', at: 'soon' }, { type: 'running', queuePosition: undefined }],
    ['under a usual name', 200, { state: 'waiting', queue_position: 2 }, { queuePosition: 2 }],
  ])
  const fal = preset('fal-queue').poll
  t.match(
    fal.decode(recorded(202, { status: 'IN_QUEUE', request_id: 'r', queue_position: 7 }), {
      id: 'r',
      app: 'a/b',
    }),
    {
      type: 'running',
      queuePosition: 7,
    },
  )
})

t.test('ComfyUI: the position is what runs and what waits with a lower number', async (t) => {
  const ids = { a: 'aaaa-1', b: 'bbbb-2', c: 'cccc-3', r: 'rrrr-4' }
  const queue = {
    queue_running: [[3, ids.r, {}, {}, []]],
    queue_pending: [
      [9, ids.c, {}, {}, []],
      [5, ids.a, {}, {}, []],
      [7, ids.b, {}, {}, []],
    ],
  }
  const { poll } = preset('comfyui')
  const ask = (id: string) => followUp(poll.decode(recorded(200, {}), { id })).decode(recorded(200, queue))
  t.match(ask(ids.a), { type: 'running', status: 'pending', queuePosition: 1 })
  t.match(ask(ids.b), { queuePosition: 2 })
  t.match(ask(ids.c), { queuePosition: 3 })
  const running = ask(ids.r)
  t.match(running, { type: 'running', status: 'running' })
  t.notOk('queuePosition' in running)
  t.match(ask('zzzz'), { type: 'not_found' })
})
