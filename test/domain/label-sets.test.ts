import t from 'tap'
import { labelSetsOf } from '../../src/gateway/domain/observability/label-sets.ts'
import { metrics } from '../../src/gateway/domain/observability/metric-catalogue.ts'
import { callOutcomes } from '../../src/gateway/domain/observability/call-outcomes.ts'

t.test(
  'each configured upstream has a series for each way in which a call can end, and no others',
  async (t) => {
    const sets = labelSetsOf(metrics.understudy_upstream_calls_total, ['a', 'b'])
    const ends = Object.values(callOutcomes).flat().length
    t.equal(sets.length, 2 * ends)
    t.same(
      sets.find(({ outcome }) => outcome === 'accepted'),
      { upstream: 'a', operation: 'create', outcome: 'accepted' },
    )
    t.notOk(sets.some(({ operation, outcome }) => operation === 'poll' && outcome === 'accepted'))
  },
)

t.test('series of labels that only requests tell do not exist beforehand', async (t) => {
  t.same(labelSetsOf(metrics.understudy_http_request_duration_seconds, ['a']), [])
  t.same(labelSetsOf(metrics.understudy_generations_accepted_total, []), [{}])
})
