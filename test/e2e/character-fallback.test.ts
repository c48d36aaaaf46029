import t from 'tap'
import { gateway, control, clipUrl, make, known, scene, play, states } from './character-stage.ts'

t.test(
  'a clip that one upstream does not take goes to the next, and is not offered to it again',
  async (t) => {
    await make({ name: 'coffee_girl', video_url: clipUrl('long', 6) })
    const routing = { upstreams: ['cast', 'official'] }
    const first = await play('@coffee_girl, take 1', routing)
    t.same(states(first), ['cast failed', 'official succeeded'])
    t.match(first.attempts[0].failure, { code: 'character_invalid', message: /2 to 4 seconds/ })
    const second = await play('@coffee_girl, take 2', routing)
    t.same(states(second), ['official succeeded'])
    t.match(
      second.route.excluded.find(({ upstream }: { upstream: string }) => upstream === 'cast'),
      { code: 'character_unsupported', detail: /2 to 4 seconds/ },
    )
    t.equal(control.requests()['cast']?.character_create, 1)
    t.match((await gateway.call('GET', '/characters/coffee_girl')).body.bindings, [
      { upstream: 'cast', state: 'failed', handle: null, failure: /2 to 4 seconds/ },
    ])
  },
)

t.test(
  'the official upstream is shown the clip and told the description, and the answer says so',
  async (t) => {
    const made = await make({ name: 'coffee_girl' })
    const generation = await play('@coffee_girl walks; @coffee_girl stops', { upstreams: ['official'] })
    t.match(generation, {
      status: 'completed',
      characters: [{ id: made.id, name: 'coffee_girl', fidelity: 'reference' }],
      attempts: [{ upstream: 'official', fidelity: 'reference' }],
      warnings: [{ code: 'duration_adjusted' }, { code: 'character_reference_used', detail: /@coffee_girl/ }],
    })
    t.match(control.renders('official'), [
      {
        prompt: 'coffee girl (as shown in the reference: a woman in a green apron) walks; coffee girl stops',
        reference: { kind: 'video', bytes: made.clip.bytes },
        influenceStrength: 0.8,
      },
    ])
    t.same(control.renders('official')[0]?.characters, [])
    t.equal(control.requests()['reseller']?.character_create, 0)
  },
)

t.test('of more characters than are known natively, one is shown and the others are described', async (t) => {
  await make({ name: 'coffee_girl' })
  await make({ name: 'old_man', description: 'a man with a cane' })
  await make({ name: 'cat', description: '' })
  const generation = await play('@coffee_girl greets @old_man and @cat')
  t.same(states(generation), ['official succeeded'])
  t.match(
    generation.route.excluded.find(({ upstream }: { upstream: string }) => upstream === 'reseller'),
    { code: 'character_unsupported' },
  )
  t.match(generation.warnings.at(-1), {
    code: 'character_reference_used',
    detail: /@coffee_girl.*@old_man, @cat/,
  })
  t.equal(
    control.renders('official')[0]?.prompt,
    'coffee girl (as shown in the reference: a woman in a green apron) greets old man (a man with a cane) and cat',
  )
})

t.test('character_fidelity: native rather fails than shows a clip', async (t) => {
  await make({ name: 'coffee_girl' })
  const native = { character_fidelity: 'native' }
  const body = scene('@coffee_girl waves', { ...native, upstreams: ['official'] })
  const refused = await gateway.call('POST', '/generate', body)
  t.match(refused, { status: 422, body: { code: 'no_upstream' } })
  t.match(refused.body.excluded, [
    { upstream: 'cast', code: 'not_in_allow_list' },
    { upstream: 'official', code: 'character_unsupported' },
    { upstream: 'reseller', code: 'not_in_allow_list' },
  ])
  control.setFaults('reseller', [{ kind: 'fails_late' }])
  const failed = await play('@coffee_girl waves', native)
  t.match(failed, { status: 'failed', error: { code: 'upstream_failed' } })
  t.same(states(failed), ['reseller failed'])
  t.same(control.renders('official'), [])
})

t.test(
  'a scene that falls back shows its character by reference, and warns from then on, not before',
  async (t) => {
    await make({ name: 'coffee_girl' })
    control.setFaults('reseller', [{ kind: 'fails_late' }])
    const accepted = await gateway.call('POST', '/generate', scene('@coffee_girl waves'))
    t.match(accepted.body, { characters: [{ fidelity: 'native' }] })
    t.same(accepted.body.warnings, [])
    const generation = await gateway.finished(accepted.body.id)
    t.same(states(generation), ['reseller failed', 'official succeeded'])
    t.match(generation.characters, [{ fidelity: 'reference' }])
    t.match(generation.warnings.at(-1), { code: 'character_reference_used' })
  },
)

t.test(
  'a vendor that cannot make the character now is passed over, and asked again by the next',
  async (t) => {
    await make({ name: 'coffee_girl' })
    control.setFaults('reseller', [{ kind: 'rate_limited', on: ['character_create'], times: 1 }])
    const generation = await play('@coffee_girl waves')
    t.same(states(generation), ['reseller failed', 'official succeeded'])
    t.match(generation.attempts[0], { cost_usd: 0, failure: { code: 'overloaded', fallback: true } })
    t.same(states(await play('@coffee_girl waves')), ['reseller succeeded'])
  },
)

t.test(
  'a lost answer to making a character is not followed by another try of the same generation',
  async (t) => {
    await make({ name: 'coffee_girl' })
    control.setFaults('reseller', [{ kind: 'server_error', on: ['character_create'], accepted: true }])
    const generation = await gateway.generate({
      ...scene('@coffee_girl waves'),
      routing: { upstreams: ['reseller'] },
    })
    t.equal(generation.status, 'failed')
    t.same(states(generation), ['reseller failed'])
    t.equal(known('coffee_girl').length, 1)
  },
)

t.test(
  'a character revoked at the vendor is made again once, and the generations complete there',
  async (t) => {
    await make({ name: 'coffee_girl' })
    await play('@coffee_girl waves')
    control.revokeCharacter(known('coffee_girl')[0]?.id ?? '')
    const accepted = await Promise.all(
      Array.from({ length: 5 }, (_, take) =>
        gateway.call('POST', '/generate', scene(`@coffee_girl, take ${take}`)),
      ),
    )
    for (const { body } of accepted) {
      const generation = await gateway.finished(body.id)
      t.same(states(generation), ['reseller succeeded'])
      t.match(generation.characters, [{ fidelity: 'native' }])
      t.same(generation.warnings, [])
    }
    const [, second, ...rest] = known('coffee_girl')
    t.ok(second)
    t.same(rest, [])
    t.match((await gateway.call('GET', '/characters/coffee_girl')).body.bindings, [{ handle: second?.id }])
  },
)

t.test('an attempt whose character is invalid twice gives way to the next candidate', async (t) => {
  await make({ name: 'coffee_girl' })
  control.setFaults('reseller', [{ kind: 'character_invalid', times: 2 }])
  const generation = await play('@coffee_girl waves')
  t.same(states(generation), ['reseller failed', 'official succeeded'])
  t.match(generation.attempts[0], { cost_usd: 0, failure: { code: 'character_invalid', fallback: true } })
  t.equal(known('coffee_girl').length, 2)
  t.equal(control.requests()['reseller']?.create, 2)
  t.same(states(await play('@coffee_girl again')), ['reseller succeeded'], 'later ones find it made anew')
})
