import pino from 'pino'
import t from 'tap'
import type { Exchange } from '../../src/gateway/domain/attempts/exchange.ts'
import type { NewExchanges } from '../../src/gateway/ports/operations/exchange-store.ts'
import { createIds } from '../../src/gateway/process/ids.ts'
import { createEvidence } from '../../src/gateway/services/operations/evidence.ts'
import { aGeneration } from '../fixtures/generation.ts'

const answer: Exchange = {
  operation: 'poll',
  at: 0,
  ms: 1,
  method: 'GET',
  path: '/videos/job',
  request: null,
  ending: 'answered',
  reason: null,
  status: 200,
  headers: {},
  body: '{"status":"in_progress"}',
  bytes: null,
  isCut: false,
}

function open() {
  let now = 1_800_000_000_000
  const clock = { now: () => now }
  const ids = createIds(clock)
  const stored: NewExchanges[] = []
  const evidence = createEvidence({
    clock,
    logger: pino({ level: 'silent' }),
    exchanges: {
      append: async (said) => void stored.push(said),
      list: async () => [],
      prune: async () => 0,
    },
  })
  const said = (attempt: ReturnType<typeof ids.attempt>) => {
    const seen = evidence.watch(aGeneration(), attempt)
    seen.note({ ...answer, at: now })
    seen.keep()
  }
  return { ids, evidence, stored, said, pass: (ms: number) => (now += ms) }
}

t.test('an answer that comes again is stored once, for as long as its attempt is asked about', async (t) => {
  const { ids, evidence, stored, said, pass } = open()
  const attempt = ids.attempt()
  for (let poll = 0; poll < 10; poll++) {
    said(attempt)
    pass(10 * 60_000)
  }
  t.equal(stored.length, 1)
  t.equal(evidence.repeatedSince(attempt), 9)
})

t.test('an attempt that nobody asks about any more is forgotten after a quarter of an hour', async (t) => {
  const { ids, evidence, stored, said, pass } = open()
  const [over, other] = [ids.attempt(), ids.attempt()]
  said(over)
  said(over)
  t.equal(evidence.repeatedSince(over), 1)
  pass(15 * 60_000)
  said(other)
  t.equal(evidence.repeatedSince(over), 0)
  said(over)
  t.equal(stored.length, 3, 'its answer is stored once more')
})
