import t from 'tap'
import { countAllocations } from '../fixtures/count-allocations.ts'

t.test('without metrics nothing of them is loaded, and an accept allocates nothing for them', async (t) => {
  const off = await countAllocations(t)
  const on = await countAllocations(t, { metrics: { enabled: true } })
  t.same(off.packages, [])
  t.ok(on.packages.includes('prom-client'), 'they are loaded where they are configured')
  const more = on.bytesPerAccept - off.bytesPerAccept
  t.comment(`${off.bytesPerAccept} bytes, with metrics ${on.bytesPerAccept}`)
  t.ok(more > 500, 'a counter, a histogram and the hook that fills it')
  t.ok(more < 8000)
})
