import t from 'tap'
import { configuredAlikeAfter, nodeTimes } from '../../src/gateway/domain/fleet/node.ts'
import type { FleetNode, SeenNode } from '../../src/gateway/domain/fleet/node.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { createNodeService } from '../../src/gateway/services/operations/node-service.ts'

const own: FleetNode = {
  id: 'own',
  role: 'all',
  version: '1.2.0',
  digest: 'a1',
  sharedDigest: 's1',
  address: null,
  startedAt: 0,
}

/** A node between others, whose clock is set by hand. */
function stage() {
  let now = 0
  let others: Array<Partial<FleetNode> & { seenAt?: number }> = []
  const lines: Array<{ msg: string; nodes?: string[] }> = []
  const seen = (node: Partial<SeenNode>): SeenNode => ({ ...own, seenAt: now, clockSkewMs: 0, ...node })
  const service = createNodeService({
    registry: {
      beat: async (node) => seen(node),
      list: async () => ({ nodes: [seen({}), ...others.map(seen)], now }),
      leave: async () => undefined,
    },
    self: () => own,
    logger: createLogger('info', { write: (line) => lines.push(JSON.parse(line)) }),
  })
  return {
    service,
    lines,
    async beatAt(this: void, ms: number, next: typeof others) {
      now = ms
      others = next
      await service.beat()
    },
  }
}

const apart = { id: 'other', digest: 'a2', sharedDigest: 's2' }

t.test(
  'nodes that stay configured differently are told once, with what to do, and when it is over',
  async (t) => {
    const { lines, beatAt } = stage()
    await beatAt(0, [apart])
    await beatAt(configuredAlikeAfter - 1, [apart])
    t.same(lines, [], 'a new file may still be on its way to the other nodes')
    for (const later of [0, 5000, 3600_000]) await beatAt(configuredAlikeAfter + later, [apart])
    t.match(lines, [{ nodes: ['other'], msg: /use the same file on all nodes and reload each/ }])
    await beatAt(2 * 3600_000, [{ ...apart, sharedDigest: 's1' }])
    t.match(lines.slice(1), [{ msg: /same configuration again/ }])
    await beatAt(3 * 3600_000, [apart])
    t.equal(lines.length, 2, 'the next difference has its own time')
  },
)

t.test('what may differ from node to node, and who cannot be compared, is no difference', async (t) => {
  const cases = {
    'the same file on another port': { id: 'other', role: 'api', digest: 'a2', sharedDigest: 's1' },
    'another release': { ...apart, version: '1.3.0' },
    'a release that does not tell': { ...apart, sharedDigest: null },
  } as const
  for (const [name, other] of Object.entries(cases)) {
    const { service, lines, beatAt } = stage()
    for (const ms of [0, configuredAlikeAfter, 2 * configuredAlikeAfter]) await beatAt(ms, [other])
    t.same(lines, [], name)
    t.match(await service.list(), [{ id: 'own' }, { id: 'other', configuredApart: false }], name)
  }
  const { service, lines, beatAt } = stage()
  for (const ms of [0, configuredAlikeAfter, 2 * configuredAlikeAfter])
    await beatAt(ms, [{ ...apart, seenAt: ms - nodeTimes.silent - 1 }])
  t.same(lines, [], 'a node that is gone')
  t.match(await service.list(), [{ isSelf: true, configuredApart: false }, { configuredApart: true }])
})
