import t from 'tap'
import { accepted, base } from '../config/base.ts'
import { tracedWrappers } from '../../src/gateway/wiring/observability/traces.ts'

t.test('without traces nothing stands between the gateway and its adapters', async (t) => {
  const wrap = {}
  t.equal(tracedWrappers(wrap, undefined, accepted(base).config), wrap)
})
