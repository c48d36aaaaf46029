import t from 'tap'
import { historyVerdict } from '../../src/gateway/domain/restore/promotion.ts'
import type { HistoryVerdict, ServerHistory } from '../../src/gateway/domain/restore/promotion.ts'

const server = (timeline: number, synchronous: boolean, systemId: string | null = 'a'): ServerHistory => ({
  systemId,
  timeline,
  synchronous,
})

t.test('a promotion is gone on from only if commits waited for the standby before it', async (t) => {
  const cases: Array<[before: ServerHistory | null, now: ServerHistory, verdict: HistoryVerdict]> = [
    [null, server(1, false), 'first'],
    [null, server(7, true), 'first'],
    [server(1, false), server(1, false), 'same'],
    [server(1, true), server(1, false), 'same'],
    [server(1, false), server(1, true), 'same'],
    [server(1, false), server(2, false), 'held'],
    // What counts is what held when the commits were made.
    [server(1, false), server(2, true), 'held'],
    [server(1, true), server(2, false), 'continued'],
    [server(1, true), server(2, true), 'continued'],
    [server(1, true), server(4, true), 'continued'],
    // A copy of an earlier state, whatever else is said.
    [server(3, true), server(2, true), 'held'],
    [server(1, true), server(1, true, 'b'), 'held'],
    [server(1, true), server(2, true, 'b'), 'held'],
    [server(1, true, null), server(1, true, 'b'), 'same'],
    [server(1, true, 'a'), server(1, true, null), 'same'],
  ]
  for (const [before, now, verdict] of cases)
    t.equal(historyVerdict(before, now), verdict, JSON.stringify([before, now]))
})
