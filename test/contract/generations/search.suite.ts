import * as fc from 'fast-check'
import type { Test } from 'tap'
import { ulid } from 'ulid'
import { failureCodes } from '../../../src/gateway/domain/generation/failure.ts'
import type { Failure } from '../../../src/gateway/domain/generation/failure.ts'
import {
  everyGeneration,
  filterErrors,
  matchesFilter,
} from '../../../src/gateway/domain/generation/search/generation-filter.ts'
import type { GenerationFilter } from '../../../src/gateway/domain/generation/search/generation-filter.ts'
import { lostStates } from '../../../src/gateway/domain/statistics/statistics.ts'
import { attemptStates } from '../../../src/gateway/domain/generation/generation.ts'
import type { Attempt, Generation } from '../../../src/gateway/domain/generation/generation.ts'
import { generationStatuses } from '../../../src/gateway/domain/generation/history.ts'
import type { GenerationId } from '../../../src/gateway/domain/ids.ts'
import type { GenerationStorage } from '../../../src/gateway/ports/generations/generation-storage.ts'
import type { SearchFilter } from '../../../src/gateway/ports/generations/generation-search.ts'
import { aGeneration, anAttempt, characterId, START } from '../../fixtures/generation.ts'
import { insert } from './setup.ts'
import type { Make } from './setup.ts'

const minute = 60_000
const now = START + 120 * minute
const tenants = ['studio', 'other']
const keys = ['one', 'two']
const upstreams = ['reseller-a', 'openai']
const models = ['sora-2', 'veo-3.1']
const prompts = ['A beach at Sunset', 'the SUNSET over 台北 beaches', 'a mill by a river']
const some = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const maybe = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(each, { freq: 2 })

function failureOf(code: Failure['code']): Failure {
  return { code, message: 'said so', fallback: true, retryAfterMs: null }
}

const attempt: fc.Arbitrary<Attempt> = fc
  .record({
    state: some(attemptStates),
    upstream: some(upstreams),
    code: some(failureCodes),
    costMicros: some([0, 5000]),
    costState: some(['reserved', 'settled'] as const),
    delivered: fc.boolean(),
    startedAt: fc.integer({ min: START, max: now }),
    reservedMicros: some([0, 120_000]),
    isResolved: fc.boolean(),
  })
  .map(({ code, isResolved, ...given }) =>
    anAttempt({
      ...given,
      endedAt: given.state === 'failed' || given.state === 'succeeded' ? START : null,
      failure: given.state === 'failed' ? failureOf(code) : null,
      resolution: isResolved
        ? { id: 'aud_1', verdict: 'not_taken', by: 'ops', at: START, note: 'looked', contradiction: null }
        : null,
    }),
  )

const label = fc.dictionary(some(['shot', 'film']), some(['1', '2']), { maxKeys: 2, noNullPrototype: true })

const generation: fc.Arbitrary<Generation> = fc
  .record({
    tenant: some(tenants),
    key: some(keys),
    status: some(generationStatuses),
    model: some(models),
    prompt: some(prompts),
    metadata: label,
    characters: fc.subarray([1, 2]),
    attempts: fc.array(attempt, { maxLength: 3 }),
    code: maybe(some(filterErrors)),
    minutes: fc.integer({ min: 0, max: 100 }),
    deadline: fc.integer({ min: 0, max: 200 }),
  })
  .map(({ model, prompt, metadata, characters, code, minutes, deadline, ...given }) => {
    const createdAt = START + minutes * minute
    const { request } = aGeneration()
    const uses = characters.map((each) => ({ id: characterId(each), name: `c${each}`, description: '' }))
    return aGeneration({
      ...given,
      id: `gen_${ulid(createdAt).toLowerCase()}`,
      createdAt,
      deadlineAt: START + deadline * minute,
      error: code === 'archive_failed' || code === 'cancelled' ? { code, message: 'so it was' } : null,
      request: { ...request, model, prompt, metadata, characters: uses },
    })
  })

const filter: fc.Arbitrary<GenerationFilter> = fc.record({
  tenant: maybe(some(tenants)),
  key: maybe(some(keys)),
  status: maybe(some(generationStatuses)),
  attemptState: maybe(some(attemptStates)),
  upstream: maybe(some(upstreams)),
  model: maybe(some(models)),
  character: maybe(some([1, 2, 3]).map(characterId)),
  error: maybe(some(filterErrors)),
  createdFrom: maybe(fc.integer({ min: 0, max: 100 }).map((at) => START + at * minute)),
  createdTo: maybe(fc.integer({ min: 0, max: 100 }).map((at) => START + at * minute)),
  olderThanMs: fc.constant(null),
  metadata: label.map((entries) => Object.entries(entries)),
  words: some([[], [], ['sunset'], ['beach', 'sunset'], ['台北'], ['nothing']]),
  attention: fc.boolean(),
})

/** The attempts of a generation in a state that the filter means, with what is held for them. */
function openIn({ id, attempts, error }: Generation, asked: GenerationFilter, state: Attempt['state']) {
  return attempts
    .filter(
      (each) =>
        each.state === state &&
        [null, state].includes(asked.attemptState) &&
        [null, each.upstream].includes(asked.upstream) &&
        [null, error?.code, each.failure?.code].includes(asked.error),
    )
    .map(({ costState, reservedMicros, startedAt }) => ({
      id,
      startedAt,
      held: costState === 'reserved' ? reservedMicros : 0,
    }))
}

const sumOf = (numbers: number[]): number => numbers.reduce((sum, each) => sum + each, 0)

/** Mostly one or two conditions at once: with all of them together, nothing is ever found. */
const fewConditions = fc
  .tuple(
    filter,
    fc.subarray(
      [
        'tenant',
        'key',
        'status',
        'attemptState',
        'upstream',
        'model',
        'character',
        'error',
        'createdFrom',
        'createdTo',
        'metadata',
        'words',
        'attention',
      ] as const,
      { maxLength: 3 },
    ),
  )
  .map(([whole, kept]): GenerationFilter => {
    const few = Object.fromEntries(kept.map((name) => [name, whole[name]]))
    return { ...everyGeneration, ...few }
  })

function searched({ character, olderThanMs: _none, ...rest }: GenerationFilter): SearchFilter {
  const ids =
    character === characterId(1)
      ? [characterId(1)]
      : character === null
        ? null
        : [characterId(2), characterId(3)]
  return { ...rest, characters: ids, now }
}

/** As `searched` says: one character, or one of two. */
function isMeant(each: Generation, asked: GenerationFilter): boolean {
  const ids = searched(asked).characters
  return (
    matchesFilter(each, { ...asked, character: null }, now) &&
    (ids === null || each.request.characters.some(({ id }) => ids.includes(id)))
  )
}

async function allPages(
  store: GenerationStorage,
  asked: SearchFilter,
  { limit, oldestFirst }: { limit: number; oldestFirst: boolean },
): Promise<GenerationId[]> {
  const ids: GenerationId[] = []
  let before: GenerationId | null = null
  do {
    const page = await store.list({ filter: asked, before, limit, oldestFirst })
    ids.push(...page.data.map(({ id }) => id))
    before = page.next
  } while (before !== null)
  return ids
}

export function searchContract(t: Test, make: Make): void {
  t.test('a list has what its filter means, in order, whatever the size of its pages', async (t) => {
    const store = await make(t)
    const made = fc.sample(generation, { numRuns: 60, seed: 17 })
    for (const each of made) await insert(store, each)
    const newest = made.toSorted((a, b) => (a.id < b.id ? 1 : -1))
    let found = 0
    await fc.assert(
      fc.asyncProperty(fewConditions, fc.boolean(), some([2, 7, 100]), async (asked, oldestFirst, limit) => {
        const expected = newest.filter((each) => isMeant(each, asked)).map(({ id }) => id)
        found += expected.length
        if (oldestFirst) expected.reverse()
        t.strictSame(await allPages(store, searched(asked), { limit, oldestFirst }), expected)
      }),
      { numRuns: 120, seed: 17 },
    )
    t.ok(found > 600, `${found} were to be found`)
  })

  t.test('counts are the lengths of the lists that they stand for', async (t) => {
    const store = await make(t)
    const made = fc.sample(generation, { numRuns: 60, seed: 18 })
    for (const each of made) await insert(store, each)
    await fc.assert(
      fc.asyncProperty(fewConditions, async (asked) => {
        const counts = await store.counts(searched(asked))
        const count = (more: Partial<GenerationFilter>) =>
          made.filter((each) => isMeant(each, { ...asked, ...more })).length
        t.equal(counts.total, count({}))
        t.equal(counts.attention, count({ attention: true }))
        t.ok(counts.isComplete)
        for (const status of generationStatuses)
          t.equal(
            counts.byStatus.get(status),
            count({}) && made.filter((each) => each.status === status && isMeant(each, asked)).length,
          )
        for (const state of attemptStates)
          if (asked.attemptState === null || asked.attemptState === state)
            t.equal(
              counts.byAttemptState.get(state),
              count({ attemptState: state }),
              `${state} ${JSON.stringify(asked)}`,
            )
          else t.equal(counts.byAttemptState.get(state), 0)
        for (const state of lostStates) {
          const meant = made
            .filter((each) => isMeant(each, asked))
            .flatMap((each) => openIn(each, asked, state))
          const found = counts.uncertain.get(state)
          t.equal(found?.attempts, meant.length, `attempts ${state}`)
          t.equal(found?.reservedMicros, sumOf(meant.map(({ held }) => held)), `held for ${state}`)
          const first = Math.min(...meant.map(({ startedAt }) => startedAt))
          const oldest = meant.filter(({ startedAt }) => startedAt === first).map(({ id }) => id)
          t.ok(found?.oldest == null ? oldest.length === 0 : oldest.includes(found.oldest), `oldest ${state}`)
        }
      }),
      { numRuns: 25, seed: 18 },
    )
  })

  t.test('what is saved is found as it is now', async (t) => {
    const store = await make(t)
    const first = aGeneration({ status: 'in_progress', attempts: [anAttempt({ state: 'unknown' })] })
    await insert(store, first)
    const ids = async (more: Partial<SearchFilter>) =>
      (
        await store.list({ filter: { ...searched(everyGeneration), ...more }, before: null, limit: 9 })
      ).data.map(({ id }) => id)
    t.same(await ids({ attention: true }), [first.id], 'an unknown attempt needs a person')
    const [open] = first.attempts
    if (open === undefined) throw new Error('no attempt')
    const ended = {
      ...first,
      status: 'failed',
      error: { code: 'outcome_unknown', message: 'unknown' },
    } as const
    await store.save(ended, { version: 1, entries: [], lease: null })
    t.same(await ids({ attention: true }), [first.id], 'also after its generation has ended')
    t.same(await ids({ error: 'outcome_unknown', attemptState: 'unknown' }), [first.id])
    const resolution = {
      id: 'aud_1',
      verdict: 'not_taken',
      by: 'ops',
      at: now,
      note: '',
      contradiction: null,
    } as const
    const failure = failureOf('not_taken')
    const resolved = {
      ...open,
      state: 'failed',
      failure,
      resolution,
      costState: 'settled',
      costMicros: 9,
    } as const
    await store.save({ ...ended, attempts: [resolved] }, { version: 2, entries: [], lease: null })
    t.same(await ids({ attention: true }), [], 'a resolved one does not, even if it was charged')
    t.same(await ids({ attemptState: 'unknown' }), [])
    t.same(await ids({ error: 'not_taken', upstream: 'reseller-a' }), [first.id])
    await store.remove(first.id)
    t.same(await ids({ error: 'not_taken' }), [])
    t.same(await ids({ metadata: [['shot', '12b']] }), [])
  })
}
