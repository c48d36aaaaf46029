import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { official, reverse, startGateway } from './gateway.ts'

const jobs = 300
const hangingMs = 120_000

const gateway = await startGateway(t, {
  live: true,
  upstreams: [{ ...reverse, id: 'hanging' }, { ...reverse, id: 'healthy' }, official],
  settings: {
    hanging: { timeouts: { connect_seconds: 1, create_seconds: hangingMs / 1000 } },
  },
})
const { control } = gateway.simulator

async function accept(upstream: string): Promise<string> {
  const asked = { prompt: 'a paper boat', duration: 5, routing: { upstreams: [upstream] } }
  const accepted = await gateway.call('POST', '/generate', asked)
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  return accepted.body.id
}

function creates(upstream: string): number {
  return control.requests()[upstream]?.create ?? 0
}

t.test('creates that hang at one upstream keep no create for another from leaving', async (t) => {
  control.setFaults('hanging', [{ on: ['create'], kind: 'slow', delayMs: hangingMs }])
  const begun = performance.now()
  for (let n = 0; n < jobs; n += 10) await Promise.all(Array.from({ length: 10 }, () => accept('hanging')))
  while (creates('hanging') < 64) await pause(20)
  t.equal(creates('healthy'), 0)
  const asked = performance.now()
  const ids = [await accept('healthy'), await accept('official')]
  while (creates('healthy') + creates('official') < 2) {
    if (performance.now() - asked > 30_000) break
    await pause(20)
  }
  t.ok(performance.now() - begun < hangingMs, 'none of those that hang has ended')
  t.equal(creates('healthy') + creates('official'), 2, 'they left')
  t.equal(creates('hanging'), 64, 'no more hang at once than have a slot')
  for (const id of ids) {
    const ended = await gateway.call('GET', `/generations/${id}?wait=20`)
    t.match(ended.body, { status: 'completed' })
  }
  // Ends the hanging calls, so that stopping need not wait for them.
  await gateway.simulator.close()
})
