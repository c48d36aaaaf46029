import t from 'tap'
import { ask, bank, finished, makeCharacter, other, startStage } from './comparison-stage.ts'

const gateway = await startStage(t)
const { control } = gateway.simulator

t.beforeEach(() => control.reset())

t.test('people score what they see, by the address of the sheet or with a key', async (t) => {
  await makeCharacter(gateway, 'tea_girl')
  const body = ask('tea_girl', { scenes: ['@tea_girl waves <b>&'], runs: 1 })
  const accepted = await gateway.call('POST', '/comparisons', body)
  const { cells, sheet_url: url, id } = await finished(gateway, accepted.body.id)
  const [first, second] = cells.map((cell: { generation_id: string }) => cell.generation_id)
  const path = new URL(url).pathname
  const page = await fetch(url)
  t.equal(page.status, 200)
  t.equal(page.headers.get('referrer-policy'), 'no-referrer')
  const html = await page.text()
  t.ok(html.includes('@tea_girl waves &lt;b&gt;&amp;'))
  const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1] ?? ''
  const target = new URL(action, url)
  t.equal(target.pathname, `${path}/scores`)

  const send = (fields: Record<string, string>) =>
    fetch(target, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  const saved = await send({
    rater: 'mia',
    [`${first}.face`]: '80',
    [`${first}.clothing`]: '70',
    [`${first}.style`]: '60',
    [`${second}.face`]: '',
  })
  t.equal(saved.status, 303)
  t.equal(new URL(saved.headers.get('location') ?? '', target).pathname, path)
  const scores = { face: 100, clothing: 90, style: 80 }
  const scored = await gateway.call('POST', `/comparisons/${id}/scores`, {
    rater: 'noah',
    scores: [
      { generation_id: first, ...scores },
      { generation_id: second, ...scores },
    ],
  })
  t.match(scored.body.table, [
    { scores: { count: 2, face: 90, clothing: 80, style: 70 } },
    { scores: { count: 1, face: 100, clothing: 90, style: 80 } },
  ])
  await gateway.call('POST', `/comparisons/${id}/scores`, {
    rater: 'noah',
    scores: [{ generation_id: first, face: 0, clothing: 90, style: 80 }],
  })
  const after = await gateway.call('GET', `/comparisons/${id}`)
  t.match(after.body.cells[0].scores, { count: 2, face: 40, clothing: 80, style: 70 }, 'said again')
  t.match(await (await fetch(url)).text(), /face 40, clothing 80, style 70/)

  t.equal((await send({ rater: 'mia' })).status, 303, 'nothing said')
  t.equal((await send({ [`${first}.face`]: '50' })).status, 400, 'without a name, or only in part')
  t.equal((await send({ rater: 'mia', [`${first}.face`]: '101' })).status, 400)
  t.equal((await fetch(`${url}x`)).status, 404)
  t.equal((await fetch(`${url}/sheet.png`)).headers.get('content-type'), 'image/png')
  const foreign = await gateway.call('POST', `/comparisons/${id}/scores`, {
    scores: [{ generation_id: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr', ...scores }],
  })
  t.match(foreign, { status: 400, body: { errors: [{ pointer: '/scores/0/generation_id' }] } })
  for (const place of ['', '/sheet', '/sheet.png'])
    t.equal((await gateway.call('GET', `/comparisons/${id}${place}`, undefined, other)).status, 404)
  await gateway.advance(15 * 24 * 3600_000)
  t.equal((await fetch(url)).status, 404, 'an address is good for two weeks')
})

t.test('a comparison that may cost more than its ceiling is refused with the figures', async (t) => {
  await makeCharacter(gateway, 'dear_girl')
  const refused = await gateway.call('POST', '/comparisons', ask('dear_girl', { max_cost_usd: 13.79 }))
  t.match(refused, {
    status: 422,
    body: {
      code: 'over_max_cost',
      videos: 30,
      max_cost_usd: 13.79,
      worst_case_cost_usd: 13.8,
      upstreams: [
        { upstream: 'reseller', videos: 15, worst_case_cost_usd: 1.8 },
        { upstream: 'official', videos: 15, worst_case_cost_usd: 12 },
      ],
      errors: [{ pointer: '/max_cost_usd' }],
    },
  })
  const rows: Array<[object, object]> = [
    [
      { character: 'nobody' },
      { status: 422, body: { code: 'character_not_found', errors: [{ pointer: '/character' }] } },
    ],
    [
      { scenes: ['@dear_girl waves', 'nobody waves'] },
      { status: 400, body: { errors: [{ pointer: '/scenes/1' }] } },
    ],
    [
      { upstreams: ['reseller', 'elsewhere'] },
      { status: 400, body: { errors: [{ pointer: '/upstreams/1' }] } },
    ],
    [
      { upstreams: ['reseller', 'reseller'] },
      { status: 400, body: { errors: [{ pointer: '/upstreams/1' }] } },
    ],
    [{ model: 'sora-9' }, { status: 422, body: { code: 'no_upstream' } }],
    [{ runs: 6 }, { status: 400, body: { errors: [{ pointer: '/runs' }] } }],
    [{ scenes: [] }, { status: 400, body: { errors: [{ pointer: '/scenes' }] } }],
  ]
  for (const [more, expected] of rows)
    t.match(
      await gateway.call('POST', '/comparisons', ask('dear_girl', more)),
      expected,
      JSON.stringify(more),
    )
  await makeCharacter(gateway, 'bank_girl', bank)
  t.match(await gateway.call('POST', '/comparisons', ask('bank_girl'), bank), {
    status: 400,
    body: { errors: [{ pointer: '/upstreams/0', detail: 'may not be used with this key' }] },
  })
  const previewed = await gateway.call('POST', '/comparisons/route', ask('dear_girl', { max_cost_usd: 0 }))
  t.strictSame(
    { status: previewed.status, body: previewed.body },
    {
      status: 200,
      body: {
        videos: 30,
        worst_case_cost_usd: 13.8,
        upstreams: [
          { upstream: 'reseller', videos: 15, worst_case_cost_usd: 1.8 },
          { upstream: 'official', videos: 15, worst_case_cost_usd: 12 },
        ],
      },
    },
  )
  t.match(await gateway.call('POST', '/comparisons/route', ask('dear_girl', { model: 'sora-9' })), {
    status: 422,
    body: { code: 'no_upstream' },
  })
  t.same(control.renders(), [])
})

t.test('a comparison goes on where it was after a restart, within the limits of its key', async (t) => {
  await makeCharacter(gateway, 'slow_girl', other)
  const body = ask('slow_girl', { runs: 1, upstreams: ['reseller'] })
  const { body: accepted } = await gateway.call('POST', '/comparisons', body, other)
  let most = 0
  for (let restart = 0; restart < 3; restart++) {
    for (let second = 0; second < 3; second++) {
      await gateway.advance(1000)
      const { body: now } = await gateway.call('GET', '/generations?limit=100', undefined, other)
      const open = now.data.filter(({ status }: { status: string }) => status !== 'completed')
      most = Math.max(most, open.length)
    }
    await gateway.restart(40_000)
  }
  const done = await finished(gateway, accepted.id, other)
  t.match(done.table, [{ videos: 5, delivered: 5 }])
  t.ok(most <= 2, `${most} at once`)
  t.equal(control.renders().length, 5, 'no video twice')
})
