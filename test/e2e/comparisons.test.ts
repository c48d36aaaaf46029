import sharp from 'sharp'
import t from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const other = { authorization: `Bearer ${keys.other}` }
const bank = { authorization: `Bearer ${keys.bank}` }
const patient = { timeouts: { connect_seconds: 10, create_seconds: 20 } }

const gateway = await startGateway(t, {
  settings: { reseller: { ...patient, limits: { max_in_flight: 4 } }, official: patient },
  keys: { other: { max_in_flight: 2 } },
})
const { control } = gateway.simulator

t.beforeEach(() => control.reset())

async function makeCharacter(name: string, headers = {}): Promise<Answer['body']> {
  const video = `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240`
  const body = { name, description: 'a woman in a green apron', video_url: video }
  const made = await gateway.call('POST', '/characters', body, headers)
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body
}

const places = ['on a beach', 'in a tram', 'at a market', 'in the snow', 'on a roof']

function ask(name: string, more: object = {}) {
  return {
    character: name,
    scenes: places.map((place) => `@${name} walks ${place}`),
    runs: 3,
    upstreams: ['reseller', 'official'],
    duration: 5,
    max_cost_usd: 20,
    ...more,
  }
}

async function finished(id: string, headers = {}): Promise<Answer['body']> {
  for (let step = 0; step < 400; step++) {
    const { body } = await gateway.call('GET', `/comparisons/${id}`, undefined, headers)
    if (body.status === 'completed') return body
    await gateway.advance(1000)
  }
  throw new Error(`${id} did not end`)
}

t.test('five scenes, three times each, on two upstreams give a table and a contact sheet', async (t) => {
  await makeCharacter('coffee_girl')
  control.setFaults('official', [{ kind: 'fails_late', times: 1 }])
  const accepted = await gateway.call('POST', '/comparisons', ask('coffee_girl'))
  t.match(accepted, {
    status: 202,
    body: { object: 'comparison', status: 'in_progress', worst_case_cost_usd: 15 * 0.12 + 15 * 0.8 },
  })
  t.equal(accepted.headers.get('location'), `/comparisons/${accepted.body.id}`)
  t.equal(accepted.body.cells.length, 30)
  const done = await finished(accepted.body.id)

  const [reseller, dear] = done.table
  t.match(reseller, {
    upstream: 'reseller',
    videos: 15,
    delivered: 15,
    failed: 0,
    native: 15,
    reference: 0,
    failures: {},
    scores: null,
  })
  t.ok(Math.abs(reseller.cost_usd - 15 * 0.12) < 1e-9)
  t.match(dear, {
    upstream: 'official',
    videos: 15,
    delivered: 14,
    failed: 1,
    native: 0,
    reference: 14,
    failures: { upstream_failed: 1 },
  })
  t.ok(Math.abs(dear.cost_usd - 14 * 0.8) < 1e-9)
  for (const { mean_seconds: seconds, hash_similarity: hash, colour_distance: colours } of done.table) {
    t.ok(seconds > 0 && seconds < 60, `${seconds} s`)
    t.ok(hash > 0 && hash < 1, `${hash}`)
    t.ok(colours > 1 && colours < 100, `${colours}`)
  }
  t.equal(control.renders().length, 30, 'each video was rendered once')
  t.equal(control.requests()['reseller']?.character_create, 1)
  const listed = await gateway.call('GET', '/generations?character=coffee_girl&limit=100')
  t.equal(listed.body.data.length, 30, 'as ordinary generations')
  const [one] = listed.body.data
  t.match(one, { metadata: { comparison: done.id }, route: { candidates: [{}] }, attempts: [{}] })

  const sheet = await gateway.call('GET', `/comparisons/${done.id}/sheet`)
  const html = sheet.body.toString()
  t.equal(sheet.headers.get('content-type'), 'text/html; charset=utf-8')
  t.match(
    sheet.headers.get('content-security-policy'),
    /^default-src 'none'; img-src data:; style-src 'sha256-/,
  )
  t.equal(html.match(/<img /g)?.length, 30, 'the source and every video that was delivered')
  t.notOk(/<script|src="http|url\(/.test(html), 'it loads nothing')
  for (const place of places) t.ok(html.includes(`@coffee_girl walks ${place}`))
  t.equal(html.match(/type="number"/g)?.length, 29 * 3)
  const png = await gateway.call('GET', `/comparisons/${done.id}/sheet.png`)
  t.equal(png.headers.get('content-type'), 'image/png')
  t.match(await sharp(png.body).metadata(), { format: 'png', width: 1454 })
})

t.test('people score what they see, by the address of the sheet or with a key', async (t) => {
  await makeCharacter('tea_girl')
  const body = ask('tea_girl', { scenes: ['@tea_girl waves <b>&'], runs: 1 })
  const accepted = await gateway.call('POST', '/comparisons', body)
  const { cells, sheet_url: url, id } = await finished(accepted.body.id)
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
  await makeCharacter('dear_girl')
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
  await makeCharacter('bank_girl', bank)
  t.match(await gateway.call('POST', '/comparisons', ask('bank_girl'), bank), {
    status: 400,
    body: { errors: [{ pointer: '/upstreams/0', detail: 'may not be used with this key' }] },
  })
  t.same(control.renders(), [])
})

t.test('a comparison goes on where it was after a restart, within the limits of its key', async (t) => {
  await makeCharacter('slow_girl', other)
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
  const done = await finished(accepted.id, other)
  t.match(done.table, [{ videos: 5, delivered: 5 }])
  t.ok(most <= 2, `${most} at once`)
  t.equal(control.renders().length, 5, 'no video twice')
})
