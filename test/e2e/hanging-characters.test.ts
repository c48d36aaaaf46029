import t from 'tap'
import { eachUpstream, reverse, startGateway } from './gateway.ts'

/** Resolves what hangs. */
const answered = Promise.withResolvers<void>()

const gateway = await startGateway(t, {
  upstreams: [
    { ...reverse, id: 'hanging' },
    { ...reverse, id: 'healthy' },
  ],
  wrap: {
    directory: eachUpstream(({ spec }) => ({
      createCharacter: async ({ name }) => ({
        type: 'pending',
        operation: { id: name },
        retryAfterMs: 1000,
      }),
      pollCharacter: async () => {
        if (spec.id === 'hanging') await answered.promise
        return { type: 'ready', handle: 'a.handle' }
      },
    })),
  },
})

async function bindings(name: string): Promise<Record<string, string>> {
  const { body } = await gateway.call('GET', `/characters/${name}`)
  return Object.fromEntries(
    body.bindings.map(({ upstream, state }: Record<string, string>) => [upstream, state]),
  )
}

t.test('an upstream that hangs when it is asked about its characters holds up no other', async (t) => {
  const source = { video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240` }
  for (const name of ['girl', 'boy', 'cat']) {
    await gateway.call('POST', '/characters', { name, ...source })
    for (const upstream of ['hanging', 'healthy'])
      await gateway.call('POST', `/characters/${name}/bindings`, { upstreams: [upstream] })
  }
  t.match(await bindings('cat'), { hanging: 'pending', healthy: 'pending' })
  const begun = performance.now()
  for (let round = 0; round < 5; round++) await gateway.advance(5000)
  for (const name of ['girl', 'boy', 'cat'])
    t.match(await bindings(name), { hanging: 'pending', healthy: 'ready' })
  t.ok(performance.now() - begun < 20_000)
  answered.resolve()
  for (let round = 0; round < 5; round++) await gateway.advance(1000)
  t.match(await bindings('girl'), { hanging: 'ready', healthy: 'ready' })
})
