import t from 'tap'
import { finishedSeries, makeCharacter, makeSeries, places, startGateway } from './series-stage.ts'
import { other } from './comparison-stage.ts'

const micros = (usd: number): number => Math.round(usd * 1e6)

t.test(
  'one character in three scenes, then in five scenes three times: all are delivered though the cheap upstream fails in the middle, the change is told, and the ledger equals the bill',
  async (t) => {
    const gateway = await startGateway(t)
    const { control } = gateway.simulator
    await makeCharacter(gateway, 'coffee_girl')
    const short = await makeSeries(gateway, {
      characters: ['coffee_girl'],
      settings: { duration: 10 },
      scenes: places.slice(0, 3).map((place) => ({ prompt: `@coffee_girl walks ${place}` })),
      max_cost_usd: 10,
    })
    const first = await finishedSeries(gateway, short.id)
    t.match(first, { status: 'completed', upstream: 'reseller', counts: { completed: 3 } })
    t.notOk(JSON.stringify(first.scenes).includes('series_upstream_changed'))

    control.setFaults('reseller', [{ kind: 'fails_late', after: 7 }])
    const scenes = places.flatMap((place, scene) =>
      [1, 2, 3].map((run) => ({
        id: `scene-${scene + 1}-run-${run}`,
        prompt: `@coffee_girl walks ${place}`,
        metadata: { run: String(run) },
      })),
    )
    const long = await makeSeries(gateway, {
      name: 'five scenes, three runs',
      characters: ['coffee_girl'],
      settings: { duration: 10 },
      scenes,
      max_cost_usd: 40,
    })
    const body = await finishedSeries(gateway, long.id)
    t.match(body, { status: 'completed', counts: { completed: 15 }, upstream: 'reseller' })
    const left = body.scenes.filter(({ upstream }: any) => upstream === 'official')
    const stayed = body.scenes.filter(({ upstream }: any) => upstream === 'reseller')
    t.ok(left.length > 0 && stayed.length > 0, `${stayed.length} stayed and ${left.length} left`)
    for (const { id, warnings } of left) {
      const told = warnings.find(({ code }: any) => code === 'series_upstream_changed')
      t.match(told?.detail, /^Rendered on official, and not on reseller as gen_/, id)
    }
    for (const { id, warnings } of stayed)
      t.notOk(JSON.stringify(warnings).includes('series_upstream_changed'), id)

    const bill = micros(control.bill().totalUsd)
    const { totals } = (await gateway.call('GET', '/usage')).body
    t.equal(micros(totals.cost_usd), bill, 'the ledger is the bill')
    t.equal(micros(first.cost_usd) + micros(body.cost_usd), bill, 'and so are both series')
    t.equal(totals.reserved_cost_usd, 0)
  },
)

t.test(
  'of 20 series at the same time against a budget for half of them, the budget is never passed, and the other scenes say why',
  async (t) => {
    const price = 0.12
    const scenes = [1, 2].map((number) => ({ prompt: `a mill ${number}` }))
    const budget = 20 * price
    const gateway = await startGateway(t, { keys: { other: { monthly_budget_usd: budget } } })
    const settings = { duration: 10, routing: { upstreams: ['reseller'] } }
    const made = await Promise.all(
      Array.from({ length: 20 }, () => makeSeries(gateway, { settings, scenes }, other)),
    )
    for (let step = 0; step < 400; step++) {
      await gateway.advance(1000)
      const { totals } = (await gateway.call('GET', '/usage', undefined, other)).body
      t.ok(micros(totals.cost_usd) + micros(totals.reserved_cost_usd) <= micros(budget))
      const { data } = (await gateway.call('GET', '/series?limit=100', undefined, other)).body
      if (data.every(({ completed_at }: any) => completed_at !== null)) break
    }
    const ended = await Promise.all(made.map(({ id }) => finishedSeries(gateway, id, other)))
    const all = ended.flatMap((series) => series.scenes)
    const completed = all.filter(({ status }) => status === 'completed')
    t.equal(completed.length, 20, 'the budget is used up')
    t.equal(micros(gateway.simulator.control.bill().totalUsd), micros(budget))
    for (const { status, error } of all.filter((scene) => !completed.includes(scene)))
      t.match(
        { status, error },
        { status: 'failed', error: { code: 'budget_exceeded', message: /monthly budget of the key other/ } },
      )
  },
)
