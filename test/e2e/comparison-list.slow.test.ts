import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { ask, finished, makeCharacter, other, startStage } from './comparison-stage.ts'

const gateway = await startStage(t)
const { control } = gateway.simulator

t.beforeEach(() => control.reset())

const small = { runs: 1, upstreams: ['reseller'] }
const make = async (name: string, more: object) =>
  (await gateway.call('POST', '/comparisons', ask(name, { ...small, ...more }))).body
const open = async () =>
  (await gateway.call('GET', '/generations?limit=100')).body.data.filter(
    ({ completed_at: at }: { completed_at: string | null }) => at === null,
  )

/** Steps until it is so. Rounds end in real time, so the held clock must not run far ahead of them. */
async function until(isSo: () => Promise<boolean>, ms = 100): Promise<void> {
  for (let step = 0; step < 300; step++) {
    if (await isSo()) return
    await gateway.advance(ms)
    await pause(20)
  }
  throw new Error('it did not become so')
}

t.test(
  'comparisons are listed newest first, with how far they are and their three sums of money',
  async (t) => {
    await makeCharacter(gateway, 'list_girl')
    const scenes = ['@list_girl waves', '@list_girl runs']
    const first = await make('list_girl', { name: 'Who keeps her apron', scenes })
    t.match(first, {
      name: 'Who keeps her apron',
      status: 'in_progress',
      progress: 0,
      videos: 2,
      money: { paid_usd: 0, may_still_be_charged_usd: 0, paid_without_video_usd: 0 },
    })
    const second = await make('list_girl', { scenes: scenes.slice(0, 1) })
    t.equal(second.name, null)
    const held = async () => {
      const { body } = await gateway.call('GET', '/comparisons')
      return body.data[1].money.may_still_be_charged_usd
    }
    await until(async () => (await held()) > 0)
    const { body: running } = await gateway.call('GET', '/comparisons')
    t.match(running, { has_more: false, data: [{ id: second.id }, { id: first.id }] })

    for (const absent of ['scenes', 'cells', 'table', 'sheet_url'])
      t.notOk(absent in running.data[0], `${absent} is left to the comparison itself`)

    for (const { id } of [first, second]) await finished(gateway, id)
    const { body: page } = await gateway.call('GET', '/comparisons?limit=1')
    t.match(page, { has_more: true, next_cursor: second.id, data: [{ id: second.id }] })
    const { body: next } = await gateway.call('GET', `/comparisons?limit=1&cursor=${page.next_cursor}`)
    t.match(next, {
      has_more: false,
      data: [
        {
          id: first.id,
          name: 'Who keeps her apron',
          character: { name: 'list_girl' },
          upstreams: ['reseller'],
          status: 'completed',
          progress: 100,
          delivered: 2,
          failed: 0,
          money: { paid_usd: 0.24, may_still_be_charged_usd: 0, paid_without_video_usd: 0 },
        },
      ],
    })
    t.match((await gateway.call('GET', '/comparisons', undefined, other)).body, { data: [] })
    t.match(await gateway.call('GET', '/comparisons?cursor=x'), { status: 400 })
    const blank = await gateway.call('POST', '/comparisons', ask('list_girl', { ...small, name: ' ' }))
    t.match(blank, { status: 400, body: { errors: [{ pointer: '/name' }] } })
  },
)

t.test('a key reads back what it scored itself, beside the averages of all', async (t) => {
  await makeCharacter(gateway, 'score_girl')
  const { id, sheet_url: url } = await make('score_girl', { scenes: ['@score_girl waves'] })
  const [cell] = (await finished(gateway, id)).cells
  t.equal(cell.own_scores, null)
  const { generation_id } = cell
  const score = (face: number, rater?: string) =>
    gateway.call('POST', `/comparisons/${id}/scores`, {
      ...(rater !== undefined && { rater }),
      scores: [{ generation_id, face, clothing: 50, style: 0 }],
    })
  t.match((await score(0, 'mia')).body.cells, [{ own_scores: null, scores: { count: 1 } }])
  const own = { face: 100, clothing: 50, style: 0 }
  t.match((await score(100)).body.cells, [{ own_scores: own }])
  await fetch(`${url}/scores`, {
    method: 'POST',
    body: new URLSearchParams({
      rater: 'studio',
      [`${generation_id}.face`]: '20',
      [`${generation_id}.clothing`]: '50',
      [`${generation_id}.style`]: '0',
    }),
  })
  const { body } = await gateway.call('GET', `/comparisons/${id}`)
  t.match(body.cells, [{ own_scores: own, scores: { count: 3, face: 40 } }])
})

t.test(
  'deleting a comparison sends no more; what is under way goes on, or is cancelled if asked',
  async (t) => {
    await makeCharacter(gateway, 'gone_girl')
    const scenes = ['a', 'b', 'c', 'd', 'e', 'f'].map((each) => `@gone_girl ${each}`)
    for (const [query, outcome] of [
      ['', 'completed'],
      ['?cancel=true', 'cancelled'],
    ] as const) {
      const { id, cells } = await make('gone_girl', { scenes })
      await until(async () => (await open()).length === 4)
      const sent = (await open()).map((each: { id: string }) => each.id)

      t.match(await gateway.call('DELETE', `/comparisons/${id}${query}`), { status: 204 })
      t.match(await gateway.call('GET', `/comparisons/${id}`), { status: 404 })
      t.equal((await open()).length, outcome === 'cancelled' ? 0 : 4)
      await until(async () => (await open()).length === 0, 1000)
      for (let step = 0; step < 3; step++) await gateway.advance(1000)
      for (const { generation_id } of cells) {
        const { status, body } = await gateway.call('GET', `/generations/${generation_id}`)
        if (sent.includes(generation_id))
          t.match({ status, body }, { status: 200, body: { status: outcome } })
        else t.equal(status, 404, 'never sent')
      }
      t.match(await gateway.call('DELETE', `/comparisons/${id}${query}`), { status: 404 })
    }
    t.match(await gateway.call('DELETE', `/comparisons/cmp_${'0'.repeat(26)}?cancel=yes`), { status: 400 })
  },
)
