import sharp from 'sharp'
import t from 'tap'
import { ask, finished, makeCharacter, places, startStage } from './comparison-stage.ts'

// Thirty videos are decoded, each in a separate process: ten seconds, and much more on a busy machine.
t.setTimeout(300_000)
const gateway = await startStage(t)
const { control } = gateway.simulator

t.test('five scenes, three times each, on two upstreams give a table and a contact sheet', async (t) => {
  await makeCharacter(gateway, 'coffee_girl')
  control.setFaults('official', [{ kind: 'fails_late', times: 1 }])
  const accepted = await gateway.call('POST', '/comparisons', ask('coffee_girl'))
  t.match(accepted, {
    status: 202,
    body: { object: 'comparison', status: 'in_progress', worst_case_cost_usd: 15 * 0.12 + 15 * 0.8 },
  })
  t.equal(accepted.headers.get('location'), `/comparisons/${accepted.body.id}`)
  t.equal(accepted.body.cells.length, 30)
  const done = await finished(gateway, accepted.body.id)

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
