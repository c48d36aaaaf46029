import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { official, reverse, startGateway } from './gateway.ts'

const jobs = 80

const cases: { what: string; fault: FaultInput; step: 'poll' | 'content'; places: number }[] = [
  {
    what: 'polls that hang',
    fault: { on: ['poll'], kind: 'slow', delayMs: 120_000 },
    step: 'poll',
    places: 64,
  },
  { what: 'downloads that drip', fault: { kind: 'drip', bytesPerSecond: 1000 }, step: 'content', places: 16 },
]

for (const { what, fault, step, places } of cases)
  t.test(`${what} at one upstream keep no create for another from leaving`, async (t) => {
    const gateway = await startGateway(t, {
      live: true,
      upstreams: [{ ...reverse, id: 'hanging' }, { ...reverse, id: 'healthy' }, official],
    })
    const { control } = gateway.simulator
    const accept = async (upstream: string): Promise<string> => {
      const asked = { prompt: 'a paper boat', duration: 5, routing: { upstreams: [upstream] } }
      const accepted = await gateway.call('POST', '/generate', asked)
      if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
      return accepted.body.id
    }
    const held = (): number => control.requests()['hanging']?.[step] ?? 0
    control.setFaults('hanging', [fault])
    const begun = performance.now()
    for (let n = 0; n < jobs; n += 10) await Promise.all(Array.from({ length: 10 }, () => accept('hanging')))
    while (held() < places && performance.now() - begun < 60_000) await pause(20)
    t.ok(held() >= places, `every place is taken: ${held()}`)
    t.comment(`after ${Math.round(performance.now() - begun)} ms`)
    const ids = [await accept('healthy'), await accept('official')]
    for (const id of ids) {
      const ended = await gateway.call('GET', `/generations/${id}?wait=30`)
      t.match(ended.body, { status: 'completed' })
    }
    t.ok(performance.now() - begun < 110_000, 'what hangs has not ended before')
    // Ends the hanging calls, so that stopping need not wait for them.
    await gateway.simulator.close()
  })
