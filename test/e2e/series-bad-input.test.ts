import t from 'tap'
import { other } from './comparison-stage.ts'
import { makeCharacter, scenesAt, startGateway } from './series-stage.ts'

t.test(
  'each bad series gets a clear answer that names every faulty scene, and nothing is stored or paid',
  async (t) => {
    const gateway = await startGateway(t)
    await makeCharacter(gateway, 'coffee_girl')
    const good = { prompt: '@coffee_girl walks' }
    const cases: Array<[string, object, number, object]> = [
      [
        '101 scenes',
        { scenes: scenesAt(101) },
        400,
        { errors: [{ pointer: '/scenes', detail: /at most 100/ }] },
      ],
      ['no scene', { scenes: [] }, 400, { errors: [{ pointer: '/scenes', detail: /at least 1/ }] }],
      ['no list', {}, 400, { errors: [{ pointer: '/scenes', detail: 'is required' }] }],
      [
        'faults among good scenes',
        { scenes: [good, { prompt: '' }, good, { ...good, duration: -1 }, { ...good, promt: 'x' }] },
        400,
        {
          errors: [
            { pointer: '/scenes/1/prompt' },
            { pointer: '/scenes/3/duration' },
            { pointer: '/scenes/4/promt', detail: /did you mean/ },
          ],
        },
      ],
      [
        'unknown characters in two scenes',
        { scenes: [good, { prompt: '@coffee_gril walks' }, good, { prompt: '@nobody waves' }] },
        422,
        {
          code: 'character_not_found',
          errors: [
            { pointer: '/scenes/1/prompt', detail: /did you mean @coffee_girl/ },
            { pointer: '/scenes/3/prompt' },
          ],
        },
      ],
      [
        'an unknown shared character',
        { scenes: [good], characters: ['coffee_girl', 'nobody'] },
        422,
        { code: 'character_not_found', errors: [{ pointer: '/characters/1' }] },
      ],
      [
        'a ceiling below the first scene',
        { scenes: [good, good], max_cost_usd: 0.01 },
        422,
        {
          code: 'over_max_cost',
          max_cost_usd: 0.01,
          first_scene_cost_usd: 0.12,
          errors: [{ pointer: '/max_cost_usd' }],
        },
      ],
      [
        'the same id twice',
        { scenes: [{ ...good, id: 'a' }, good, { ...good, id: 'a' }, { ...good, id: '2' }] },
        400,
        { errors: [{ pointer: '/scenes/2/id' }, { pointer: '/scenes/3/id' }] },
      ],
      ['an odd id', { scenes: [{ ...good, id: '../a' }] }, 400, { errors: [{ pointer: '/scenes/0/id' }] }],
      [
        'scenes that nobody can render',
        { scenes: [good, { ...good, model: 'sora-9' }, { ...good, routing: { upstreams: ['nobody'] } }] },
        422,
        {
          code: 'no_upstream',
          errors: [{ pointer: '/scenes/1/model' }, { pointer: '/scenes/2' }],
          scenes: [
            { scene: 2, excluded: [{}] },
            { scene: 3, excluded: [{ code: 'not_in_allow_list' }] },
          ],
        },
      ],
      ['five megabytes', { scenes: [{ prompt: 'x'.repeat(5_000_000) }] }, 413, { code: 'payload_too_large' }],
    ]
    for (const [name, body, status, expected] of cases) {
      for (const path of ['/series', '/series/route']) {
        if (path === '/series/route' && name.startsWith('a ceiling')) continue
        const answer = await gateway.call('POST', path, body)
        t.equal(answer.status, status, `${name}: ${path}`)
        t.match(answer.body, expected, `${name}: ${path}`)
      }
    }
    const many = { scenes: Array.from({ length: 100 }, () => ({ prompt: '' })) }
    t.equal(
      (await gateway.call('POST', '/series', many)).body.errors.length,
      100,
      'a hundred faulty scenes are all named',
    )
    t.same((await gateway.call('GET', '/series')).body.data, [])
    for (let step = 0; step < 5; step++) await gateway.advance(1000)
    t.same((await gateway.call('GET', '/generations')).body.data, [])
    t.same(gateway.simulator.control.renders(), [])
  },
)

t.test('a budget that does not pay for the first scene refuses the series', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { monthly_budget_usd: 0.01 } } })
  const answer = await gateway.call('POST', '/series', { scenes: scenesAt(2) }, other)
  t.match(answer, { status: 402, body: { code: 'budget_exceeded', errors: [{ pointer: '/scenes/0' }] } })
})
