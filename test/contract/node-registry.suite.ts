import type { Test } from 'tap'
import { nodeTimes } from '../../src/gateway/domain/fleet/node.ts'
import type { FleetNode } from '../../src/gateway/domain/fleet/node.ts'
import type { NodeRegistry } from '../../src/gateway/ports/operations/node-registry.ts'

/** `registries`: of each node. The clock is that of all of them. */
interface NodesStage {
  registries: NodeRegistry[]
  now: () => number
  set: (now: number) => Promise<void>
}

function aNode(number: number, changes: Partial<FleetNode> = {}): FleetNode {
  return {
    id: `gateway-${number}`,
    role: 'all',
    version: '0.1.0',
    digest: '5f3b1c7e9a20',
    sharedDigest: '0c81d2f6b7e4',
    address: null,
    startedAt: 1_800_000_000_000 + number,
    ...changes,
  }
}

/** What every NodeRegistry guarantees. */
export function nodeRegistryContract(t: Test, make: (t: Test) => Promise<NodesStage>): void {
  t.test('every node is known to all as it last was, until it leaves', async (t) => {
    const { registries, now } = await make(t)
    for (const [number, each] of registries.entries()) await each.beat(aNode(number))
    const [first, last] = [registries[0], registries.at(-1)]
    const address = 'http://127.0.0.1:8787'
    await first?.beat(aNode(0, { address, digest: 'another' }))
    const seen = registries.map((_each, number) => ({ ...aNode(number), seenAt: now(), clockSkewMs: 0 }))
    const [own, ...others] = seen
    t.strictSame(await last?.list(), {
      nodes:
        last === first
          ? [{ ...own, address, digest: 'another' }]
          : [{ ...own, address, digest: 'another' }, ...others],
      now: now(),
    })
    await first?.leave('gateway-0')
    t.strictSame((await last?.list())?.nodes, others)
  })

  t.test('a node that is there for long is still there', async (t) => {
    const { registries, now, set } = await make(t)
    const [node] = registries
    await node?.beat(aNode(0))
    await set(now() + 2 * nodeTimes.forgotten)
    await node?.beat(aNode(0))
    t.match(await node?.list(), { nodes: [{ id: 'gateway-0', seenAt: now() }] })
  })
}
