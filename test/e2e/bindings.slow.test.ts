import t from 'tap'
import type { Answer } from './gateway.ts'
import { looks, gateway, control, make, scene, play, states, bindingOn, creations } from './binding-stage.ts'

function bind(...ids: string[]): Promise<Answer> {
  return gateway.call('POST', '/characters/coffee_girl/bindings', { upstreams: ids })
}

t.test(
  'one character of a reverse job plays natively on two vendors that make characters differently, and by reference on official',
  async (t) => {
    const first = await play('a woman waves', 'reseller')
    await make({ generation_id: first.id })
    const ids = ['reseller', 'slow', 'official']
    const accepted = await Promise.all(
      Array.from({ length: 50 }, async (_, take) => {
        const upstream = ids[take % ids.length] ?? ''
        const { body } = await gateway.call(
          'POST',
          '/generate',
          scene(`@coffee_girl, take ${take}`, upstream),
        )
        return { upstream, id: body.id }
      }),
    )
    for (const { upstream, id } of accepted) {
      const generation = await gateway.finished(id)
      t.same(states(generation), [`${upstream} succeeded`])
      t.match(generation.characters, [{ fidelity: upstream === 'official' ? 'reference' : 'native' }])
    }
    t.same(['reseller', 'slow', 'official'].map(creations), [1, 1, 0])
    const sources = control.characters().map(({ upstream, source }) => `${upstream} ${source.type}`)
    t.same(sources.toSorted(), ['reseller job', 'slow url'])
    t.equal(looks.asked, looks.needed, 'and the one under way was asked about by one of them at a time')
    t.equal(looks.mostAtOnce, 1)
  },
)

t.test('fifty generations that race for one vendor make one character there', async (t) => {
  await make({})
  control.setFaults('reseller', [{ kind: 'slow', delayMs: 150, on: ['character_create'] }])
  for (const upstream of ['reseller', 'slow']) {
    const accepted = await Promise.all(
      Array.from({ length: 50 }, (_, take) =>
        gateway.call('POST', '/generate', scene(`@coffee_girl, take ${take}`, upstream)),
      ),
    )
    for (const { body } of accepted) t.match(await gateway.finished(body.id), { status: 'completed' })
    t.equal(creations(upstream), 1)
    t.equal(control.renders(upstream).length, 50)
  }
})

t.test('a character that is revoked in the middle of a series is made anew once', async (t) => {
  for (const upstream of ['reseller', 'slow']) {
    const name = `girl_of_${upstream}`
    await make({ name })
    const series = async (takes: number[]) => {
      const accepted = await Promise.all(
        takes.map((take) => gateway.call('POST', '/generate', scene(`@${name}, take ${take}`, upstream))),
      )
      for (const { body } of accepted) {
        const generation = await gateway.finished(body.id)
        t.same(states(generation), [`${upstream} succeeded`])
        t.match(generation.characters, [{ fidelity: 'native' }])
      }
    }
    await series([1, 2, 3])
    const [theirs] = control.characters().filter((character) => character.name === name)
    control.revokeCharacter(theirs?.id ?? '')
    await series([4, 5, 6, 7, 8])
    t.equal(creations(upstream), 2)
    t.match(await bindingOn(upstream, name), { state: 'ready', orphans: 0 })
    t.not((await bindingOn(upstream, name)).handle, theirs?.id)
  }
})

t.test('a caller may have a character made before it is needed, and again when that failed', async (t) => {
  await make({})
  control.setFaults('reseller', [{ kind: 'billing', on: ['character_create'], times: 1 }])
  const first = await bind('reseller', 'slow')
  t.match(first, {
    status: 200,
    body: {
      bindings: [
        { upstream: 'reseller', state: 'failed', failure_code: 'upstream_down', orphans: 0 },
        { upstream: 'slow', state: 'pending', handle: null, failure: null },
      ],
    },
  })
  for (let second = 0; second < 10; second++) await gateway.advance(1000)
  t.match(
    await bindingOn('slow'),
    { state: 'ready', handle: /^char_/, clip: { start: 0 } },
    'it is followed up',
  )
  const again = await bind('reseller', 'slow')
  t.match(again.body.bindings, [{ state: 'ready', failure: null }, { state: 'ready' }])
  t.same(['reseller', 'slow'].map(creations), [2, 1])
  t.match(await bind('official'), { status: 400, body: { errors: [{ pointer: '/upstreams' }] } })
  t.match(await bind('inline'), { status: 400, body: { errors: [{ pointer: '/upstreams' }] } })
  t.same(states(await play('@coffee_girl waves', 'slow')), ['slow succeeded'])
})

t.test(
  'when the answer to making a character is lost, no generation makes another, and the orphan is reported',
  async (t) => {
    await make({})
    control.setFaults('reseller', [{ kind: 'reset', on: ['character_create'], accepted: true, times: 1 }])
    const accepted = await Promise.all(
      Array.from({ length: 5 }, (_, take) =>
        gateway.call('POST', '/generate', scene(`@coffee_girl, take ${take}`, 'reseller', 'official')),
      ),
    )
    for (const { body } of accepted)
      t.equal(states(await gateway.finished(body.id)).at(-1), 'official succeeded')
    const route = await gateway.call('POST', '/route', scene('@coffee_girl waves', 'reseller', 'official'))
    t.match(
      route.body.excluded.find(({ upstream }: { upstream: string }) => upstream === 'reseller'),
      { code: 'character_unsupported', detail: /it is unknown whether/ },
    )
    const alone = await gateway.call('POST', '/generate', scene('@coffee_girl waves', 'reseller'))
    t.match(alone, { status: 422, body: { code: 'no_upstream' } })
    t.equal(creations('reseller'), 1)
    t.match(await bindingOn('reseller'), { state: 'failed', failure_code: 'outcome_unknown', orphans: 1 })

    const asked = await bind('reseller')
    t.match(asked.body.bindings, [{ state: 'ready', orphans: 1 }], 'a caller may ask for another')
    t.same(states(await play('@coffee_girl waves', 'reseller')), ['reseller succeeded'])
    t.equal(creations('reseller'), 2)
  },
)

t.test('after the hold a later generation makes the character anew by itself', async (t) => {
  await make({})
  control.setFaults('reseller', [{ kind: 'reset', on: ['character_create'], accepted: true, times: 1 }])
  t.same(states(await play('@coffee_girl waves', 'reseller')), ['reseller failed'])
  await gateway.advance(601_000)
  t.same(states(await play('@coffee_girl waves', 'reseller')), ['reseller succeeded'])
  t.match(await bindingOn('reseller'), { state: 'ready', orphans: 1 })
})

t.test('a refused character is a refusal for later generations too, and is not shopped around', async (t) => {
  await make({ name: 'real_person' })
  for (const take of [1, 2]) {
    const generation = await play(`@real_person, take ${take}`, 'reseller', 'official')
    t.match(generation, { status: 'failed', error: { code: 'content_refused' } })
    t.same(states(generation), ['reseller failed'])
  }
  t.match(await bindingOn('reseller', 'real_person'), { failure_code: 'refused', retry_at: null })
  t.equal(creations('reseller'), 0)
  const elsewhere = await play('@real_person waves', 'official')
  t.same(states(elsewhere), ['official succeeded'], 'a caller may name another upstream')
})
