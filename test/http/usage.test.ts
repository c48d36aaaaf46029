import t from 'tap'
import { UsageDto } from '../../src/gateway/http/schemas/accounts/usage-report.ts'
import type { UsageQuestion } from '../../src/gateway/services/usage/usage.ts'
import { sampleUsage } from './samples.ts'
import { asMaker, createStubs, serve } from './stub-services.ts'

function recording() {
  const asked: UsageQuestion[] = []
  const stubs = createStubs()
  stubs.usage = {
    async report(_client, question) {
      asked.push(question)
      return sampleUsage()
    },
  }
  return { stubs, asked }
}

t.test('a report is dollars by group, and keeps to its schema', async (t) => {
  const app = await serve(t)
  const answer = await app.inject({ url: '/usage?group_by=key,character,day', headers: asMaker })
  t.equal(answer.statusCode, 200)
  const body = answer.json()
  t.strictSame(UsageDto.parse(body), body)
  t.match(body, {
    object: 'usage',
    tenant: 'studio',
    from: '2026-11-01T00:00:00.000Z',
    group_by: ['key', 'character', 'day'],
    totals: { attempts: 6, cost_usd: 1.120001, saving_usd: -0.120001 },
    data: [
      { vendor_cost_attempts: 2, vendor_cost_usd: 1.2, vendor_difference_usd: 0.079999 },
      { vendor_cost_attempts: 0, vendor_cost_usd: null, vendor_difference_usd: null },
    ],
  })
  t.strictSame(Object.keys(body.data[1]).slice(0, 3), ['key', 'characters', 'day'], 'and nothing unasked')
  t.equal(body.data[1].day, '2026-11-23')
})

t.test('what is asked reaches the service as it was meant', async (t) => {
  const { stubs, asked } = recording()
  const app = await serve(t, stubs)
  const url = `/usage?from=${encodeURIComponent('2026-11-01T01:00:00+01:00')}&to=2026-11-02T00:00:00Z`
  await app.inject({ url: `${url}&group_by=day,key,day&tenant=bank`, headers: asMaker })
  await app.inject({ url: '/usage', headers: asMaker })
  await app.inject({ url: '/usage?group_by=hour&fill=true', headers: asMaker })
  t.strictSame(asked, [
    {
      tenant: 'bank',
      from: Date.UTC(2026, 10, 1),
      to: Date.UTC(2026, 10, 2),
      groupBy: ['day', 'key'],
      fill: false,
    },
    { tenant: null, from: null, to: null, groupBy: [], fill: false },
    { tenant: null, from: null, to: null, groupBy: ['hour'], fill: true },
  ])
})

t.test('what cannot be asked is told by its pointer', async (t) => {
  const app = await serve(t)
  for (const [query, pointer] of [
    ['from=yesterday', '#/query/from'],
    ['to=2026-11-01', '#/query/to'],
    ['group_by=prompt', '#/query/group_by'],
    ['group_by=key,', '#/query/group_by'],
    ['format=xml', '#/query/format'],
    ['fill=yes', '#/query/fill'],
    ['by=key', '#/query/by'],
  ] as const) {
    const answer = await app.inject({ url: `/usage?${query}`, headers: asMaker })
    t.equal(answer.statusCode, 400, query)
    t.equal(answer.json().errors[0].pointer, pointer, query)
  }
})

t.test('CSV has the rows, one line each, and no cell is a formula', async (t) => {
  const app = await serve(t)
  const url = '/usage?group_by=key,character,day'
  const answer = await app.inject({ url, headers: { ...asMaker, accept: 'text/csv' } })
  t.match(answer.headers['content-type'], /^text\/csv; charset=utf-8/)
  t.match(answer.headers['content-disposition'], /attachment; filename="usage\.csv"/)
  t.strictSame(answer.body.split('\r\n'), [
    'key,character,day,attempts,generations,videos,cost_usd,reserved_cost_usd,unknown_cost_usd,unused_cost_usd,premium_usd,official_cost_usd,saving_usd,vendor_cost_attempts,vendor_cost_usd,vendor_difference_usd',
    `"'=cmd|""/C calc""!A0",coffee_girl old_man,2026-11-22,3,2,1,1.120001,0.12,0.12,0.12,0.88,1,-0.120001,2,1.2,0.079999`,
    'maker,,2026-11-23,3,2,1,1.120001,0.12,0.12,0.12,0.88,1,-0.120001,0,,',
    '',
  ])
})

t.test('CSV has a path of its own, with the same filters and the same lines', async (t) => {
  const { stubs, asked } = recording()
  const app = await serve(t, stubs)
  const query = 'group_by=key,character,day&from=2026-11-01T00:00:00Z&tenant=bank&fill=true'
  const asCsv = await app.inject({ url: `/usage?${query}`, headers: { ...asMaker, accept: 'text/csv' } })
  const own = await app.inject({
    url: `/usage.csv?${query}`,
    headers: { ...asMaker, accept: 'application/json' },
  })
  t.equal(own.statusCode, 200)
  t.match(own.headers, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="usage.csv"',
  })
  t.equal(own.body, asCsv.body)
  t.match(own.body, /'=cmd/, 'and no cell is a formula')
  t.strictSame(asked[1], asked[0])
  const wrong = await app.inject({ url: '/usage.csv?format=json', headers: asMaker })
  t.equal(wrong.json().errors[0].pointer, '#/query/format')
})

t.test('what is said as format goes before what is accepted', async (t) => {
  const app = await serve(t)
  const type = async (url: string, accept: string) => {
    const answer = await app.inject({ url, headers: { ...asMaker, accept } })
    return answer.headers['content-type']
  }
  t.match(await type('/usage?format=csv', 'application/json'), /^text\/csv/)
  t.match(await type('/usage?format=json', 'text/csv'), /^application\/json/)
  t.match(await type('/usage', '*/*'), /^application\/json/)
})
