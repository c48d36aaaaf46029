import t from 'tap'
import { eachUpstream, reverse, startGateway } from './gateway.ts'

const minute = 60_000
let poisoned = true
let asked: string[] = []

/** Every poll of `poison` ends the process. */
const gateway = await startGateway(t, {
  upstreams: [reverse],
  wrap: {
    directory: eachUpstream(() => ({
      createCharacter: async ({ name }) => ({
        type: 'pending',
        operation: name,
        retryAfterMs: 1000,
      }),
      async pollCharacter(operation) {
        if (typeof operation === 'string') asked.push(operation)
        if (poisoned && operation === 'poison') await new Promise(() => undefined)
        return poisoned
          ? { type: 'pending', operation, retryAfterMs: 1000 }
          : { type: 'ready', handle: 'a.handle' }
      },
    })),
  },
})

async function crash(): Promise<void> {
  await gateway.container.crashed()
  await gateway.restart()
}

async function shown(name: string): Promise<any> {
  return (await gateway.call('GET', `/characters/${name}`)).body.bindings[0]
}

async function asksWithin(ms: number): Promise<string[]> {
  asked = []
  await gateway.advance(ms)
  return asked.toSorted()
}

t.test(
  'a character that ends the process each time it is asked about is set aside, ever longer, and shown; others go on',
  async (t) => {
    const source = { video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240` }
    for (const name of ['poison', 'healthy']) {
      await gateway.call('POST', '/characters', { name, ...source })
      await gateway.call('POST', `/characters/${name}/bindings`, { upstreams: ['reseller'] })
    }
    for (const end of [1, 2, 3]) {
      t.same(await asksWithin(1000), ['healthy', 'poison'], `before end ${end}`)
      t.match(await shown('poison'), { state: 'pending', failure: null })
      await crash()
    }
    t.match(await shown('poison'), {
      state: 'pending',
      failure: /crashed repeatedly .* polled again after 20/,
      failure_code: null,
      retry_at: null,
    })
    t.same(await asksWithin(1000), ['healthy'])
    await gateway.restart(9 * minute)
    t.same(await asksWithin(0), ['healthy'])
    t.same(await asksWithin(minute), ['healthy', 'poison'], 'another start did not put it off')
    await crash()
    t.same(await asksWithin(39 * minute), ['healthy'], 'four times as long')
    poisoned = false
    t.same(await asksWithin(minute), ['poison'])
    t.match(await shown('poison'), { state: 'ready', handle: 'a.handle', failure: null })
  },
)
