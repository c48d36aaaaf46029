import t from 'tap'
import { createOwnNode } from '../../src/gateway/storage/fleet/own-node.ts'
import { nodeRegistryContract } from '../contract/node-registry.suite.ts'
import { createHeldClock } from '../fixtures/held-clock.ts'

t.test('the one node of an embedded database', async (t) => {
  nodeRegistryContract(t, async () => {
    const held = createHeldClock()
    const { clock } = held
    return {
      registries: [createOwnNode(clock)],
      now: () => clock.now(),
      set: async (now) => held.set(now - clock.now()),
    }
  })
})
