import t from 'tap'
import type { Test } from 'tap'
import { finished, makeCharacter } from './comparison-stage.ts'
import { startGateway } from './gateway.ts'

/** A finished comparison of one video, the link to its sheet, and the key it belongs to. */
async function withSheet(t: Test) {
  const gateway = await startGateway(t)
  const admin = { authorization: `Bearer ${gateway.container.adminKey ?? ''}` }
  const { body: key } = await gateway.call('POST', '/keys', { name: 'film' }, admin)
  const as = { authorization: `Bearer ${key.secret}` }
  await makeCharacter(gateway, 'girl', as)
  const asked = {
    character: 'girl',
    scenes: ['@girl walks'],
    upstreams: ['reseller'],
    duration: 5,
    max_cost_usd: 5,
  }
  const { body: made } = await gateway.call('POST', '/comparisons', asked, as)
  const done = await finished(gateway, made.id, as)
  const link = String(done.sheet_url)
  const video = String(done.cells[0].generation_id)
  const score = (rater: string, points: number) =>
    fetch(`${link}/scores`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({
        rater,
        [`${video}.face`]: String(points),
        [`${video}.clothing`]: '50',
        [`${video}.style`]: '50',
      }),
    })
  const scores = async () =>
    (await gateway.call('GET', `/comparisons/${made.id}`, undefined, as)).body.cells[0].scores
  return { gateway, admin, key, as, id: String(made.id), link, video, score, scores }
}

t.test('a link scores beside whoever has a key, never in its name, and at a rate', async (t) => {
  const { gateway, as, id, video, score, scores } = await withSheet(t)
  const own = { scores: [{ generation_id: video, face: 90, clothing: 50, style: 50 }] }
  await gateway.call('POST', `/comparisons/${id}/scores`, own, as)
  t.equal((await score('film', 10)).status, 303)
  t.match(await scores(), { count: 2, face: 50 })
  const stolen = await gateway.call('POST', `/comparisons/${id}/scores`, { ...own, rater: 'link:film' }, as)
  t.match(stolen, { status: 400, body: { errors: [{ pointer: '/rater' }] } })

  const answers = new Map<number, number>()
  for (let count = 0; count < 200; count++) {
    const { status } = await score(`made up ${count}`, 0)
    answers.set(status, (answers.get(status) ?? 0) + 1)
  }
  t.ok((answers.get(303) ?? 0) < 60)
  t.ok((answers.get(429) ?? 0) > 140)
})

t.test('a link ends with the key that asked for it', async (t) => {
  const { gateway, admin, key, link, score } = await withSheet(t)
  t.equal((await fetch(link)).status, 200)
  await gateway.call('DELETE', `/keys/${key.id}`, undefined, admin)
  t.equal((await fetch(link)).status, 404)
  t.equal((await fetch(`${link}/sheet.png`)).status, 404)
  t.equal((await score('mia', 10)).status, 404)
})

t.test('links that are ended are dead at once, and the next one is not', async (t) => {
  const { gateway, as, id, link, score, scores } = await withSheet(t)
  t.equal((await score('mia', 30)).status, 303)
  const path = `/comparisons/${id}/link`
  t.equal((await gateway.call('DELETE', path)).status, 404, 'not by another tenant')
  t.equal((await fetch(link)).status, 200)
  t.equal((await gateway.call('DELETE', path, undefined, as)).status, 204)
  for (const dead of [link, `${link}/sheet.png`]) t.equal((await fetch(dead)).status, 404)
  t.equal((await score('noah', 90)).status, 404)
  const { body } = await gateway.call('GET', `/comparisons/${id}`, undefined, as)
  t.equal((await fetch(String(body.sheet_url))).status, 200)
  t.match(await scores(), { count: 1, face: 30 }, 'what was said stays')
})

t.test('a comparison that is deleted is gone, and its link ends', async (t) => {
  const { gateway, as, id, link, video } = await withSheet(t)
  t.equal((await gateway.call('DELETE', `/comparisons/${id}`)).status, 404, 'not by another tenant')
  t.equal((await gateway.call('DELETE', `/comparisons/${id}`, undefined, as)).status, 204)
  t.equal((await fetch(link)).status, 404)
  t.equal((await gateway.call('GET', `/comparisons/${id}`, undefined, as)).status, 404)
  t.equal((await gateway.call('GET', `/generations/${video}`, undefined, as)).status, 200, 'videos stay')
})
