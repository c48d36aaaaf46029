import t from 'tap'
import { countAllocations } from '../fixtures/count-allocations.ts'

t.test('without traces nothing of them is loaded, and an accept allocates nothing for them', async (t) => {
  const off = await countAllocations(t)
  const on = await countAllocations(t, { traces: { endpoint: 'http://127.0.0.1:9' } })
  t.same(off.packages, [])
  t.ok(on.packages.includes('@opentelemetry/sdk-trace'), 'they are loaded where they are configured')
  t.comment(`${off.bytesPerAccept} bytes, with traces ${on.bytesPerAccept}`)
  // It is 101 KB. It was 130 KB with a savepoint for each accept and a route planned anew, and 166 KB while statements waited for each other.
  t.ok(off.bytesPerAccept < 115_000, 'an accept allocates no more than it did')
  // A request with a span and the context of a generation takes some 15 KB more, and without traces the count differs by 0.2 KB between runs.
  t.ok(on.bytesPerAccept - off.bytesPerAccept > 5000)
})
