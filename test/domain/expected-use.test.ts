import t from 'tap'
import * as fc from 'fast-check'
import { expectedUse } from '../../src/gateway/domain/characters/expected-use.ts'
import type { ExpectedUse } from '../../src/gateway/domain/characters/expected-use.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import { characterModes, upstreamKinds } from '../../src/gateway/domain/routing/upstream.ts'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import { anAvailability, aPolicy, aRouteRequest, aSpec, aView } from './builders.ts'

const anyone = { allow: upstreamKinds, allowUpstreams: null }
const girl = anAvailability()

t.test('a character is expected as the upstream takes characters, or not at all for a reason', async (t) => {
  const rows: Array<[Partial<UpstreamSpec>, Pick<ExpectedUse, 'fidelity'> & { reason: RegExp | null }]> = [
    [
      { characters: 'native', maxCharacters: 2 },
      { fidelity: 'native', reason: null },
    ],
    [
      { characters: 'inline', maxCharacters: 2 },
      { fidelity: 'inline', reason: null },
    ],
    [
      { characters: 'reference', maxCharacters: 1, references: ['video'] },
      { fidelity: 'reference', reason: null },
    ],
    [
      { characters: 'reference', maxCharacters: 1, references: ['image'] },
      { fidelity: null, reason: /reference videos/ },
    ],
    [{ characters: 'none' }, { fidelity: null, reason: /does not support characters/ }],
    [
      { characters: 'native', disabled: true },
      { fidelity: null, reason: /disabled/ },
    ],
  ]
  for (const [more, expected] of rows)
    t.match(expectedUse(girl, aSpec(more), anyone), expected, JSON.stringify(more))
  const native = aSpec({ id: 'a', kind: 'reverse', characters: 'native', maxCharacters: 1 })
  const strict = { allow: ['official'] as const, allowUpstreams: null }
  t.match(expectedUse(girl, native, strict), { fidelity: null, reason: /may not use reverse/ })
  t.match(expectedUse(girl, native, { ...anyone, allowUpstreams: ['b'] }), {
    fidelity: null,
    reason: /may not/,
  })
  const refused = { ...girl, failedOn: [{ upstream: 'a', reason: 'a real person' }] }
  t.match(expectedUse(refused, native, anyone), { fidelity: null, reason: /a real person/ })
})

t.test('what is expected of an upstream is what a route of the character alone says', async () => {
  const kinds = fc.constantFrom(...upstreamKinds)
  const modes = fc.constantFrom(...characterModes)
  fc.assert(
    fc.property(
      kinds,
      modes,
      fc.subarray([...upstreamKinds]),
      fc.boolean(),
      (kind, mode, allow, disabled) => {
        const spec = aSpec({ id: 'a', kind, characters: mode, maxCharacters: 1, disabled })
        const view = { ...aView(), spec, enabled: !disabled }
        const { fidelity, reason } = expectedUse(girl, spec, { allow, allowUpstreams: null })
        const plan = route(aRouteRequest({ characters: [girl] }), [view], aPolicy({ allow }))
        if (plan.type === 'plan') return plan.plan.candidates[0]?.fidelity === fidelity
        return fidelity === null && plan.excluded[0]?.detail === reason
      },
    ),
  )
})
