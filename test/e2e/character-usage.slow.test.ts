import t from 'tap'
import { ask, bank, finished, makeCharacter, other, startStage } from './comparison-stage.ts'

const gateway = await startStage(t)

t.beforeEach(() => gateway.simulator.control.reset())

function usageOf(name: string, headers = {}) {
  return gateway.call('GET', `/characters/${name}/usage`, undefined, headers)
}

t.test('the usage of a character is what its videos cost, whoever else is in them', async (t) => {
  await makeCharacter(gateway, 'mill_girl')
  await makeCharacter(gateway, 'river_girl')
  t.match((await usageOf('mill_girl')).body, {
    object: 'character_usage',
    character: { name: 'mill_girl' },
    totals: { videos: 0, cost_usd: 0, scores: null },
    upstreams: [],
  })
  const on = (upstream: string, prompt: string) =>
    gateway.generate({ prompt, duration: 5, routing: { upstreams: [upstream] } })
  const first = await on('reseller', '@mill_girl waves')
  await on('reseller', '@mill_girl meets @river_girl')
  await on('reseller', '@river_girl waves')
  gateway.simulator.control.setFaults('official', [{ kind: 'fails_late' }])
  t.equal((await on('official', '@mill_girl sits')).status, 'failed')
  const { body } = await usageOf('mill_girl')
  t.match(body, {
    totals: { generations: 3, videos: 2, cost_usd: 0.24, reserved_cost_usd: 0 },
    upstreams: [
      { upstream: 'official', kind: 'official', videos: 0, cost_usd: 0 },
      { upstream: 'reseller', kind: 'reverse', videos: 2, cost_usd: 0.24, scores: null },
    ],
  })
  t.equal((await gateway.call('DELETE', `/generations/${first.id}`)).status, 204)
  t.same((await usageOf('mill_girl')).body, body, 'a removed video was paid for all the same')
  t.equal((await usageOf('mill_girl', other)).status, 404)
  t.equal((await usageOf('mill_girl', bank)).status, 404)
})

t.test('the usage of a character has what people said of its videos, by upstream', async (t) => {
  await makeCharacter(gateway, 'scored_girl')
  const asked = ask('scored_girl', { scenes: ['@scored_girl waves'], runs: 1 })
  const { id, cells } = await finished(gateway, (await gateway.call('POST', '/comparisons', asked)).body.id)
  const rate = async (rater: string, [face, clothing, style]: [number, number, number], upstream: string) => {
    const cell = cells.find((each: { upstream: string }) => each.upstream === upstream)
    const scores = [{ generation_id: cell.generation_id, face, clothing, style }]
    const answer = await gateway.call('POST', `/comparisons/${id}/scores`, { rater, scores })
    t.equal(answer.status, 200)
  }
  await rate('mia', [80, 70, 60], 'reseller')
  await rate('lin', [100, 90, 80], 'reseller')
  await rate('mia', [30, 40, 50], 'official')
  t.match((await usageOf('scored_girl')).body, {
    totals: { videos: 2, scores: { count: 3, face: 70 } },
    upstreams: [
      { upstream: 'official', scores: { count: 1, face: 30, clothing: 40, style: 50 } },
      { upstream: 'reseller', scores: { count: 2, face: 90, clothing: 80, style: 70 } },
    ],
  })
  t.equal((await usageOf('mill_girl')).body.totals.scores, null)
})
