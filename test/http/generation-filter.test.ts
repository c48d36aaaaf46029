import * as fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { failureCodes, generationErrorCodes } from '../../src/gateway/domain/generation/failure.ts'
import {
  createdBefore,
  everyGeneration,
  filterErrors,
} from '../../src/gateway/domain/generation/search/generation-filter.ts'
import { attemptStates } from '../../src/gateway/domain/generation/generation.ts'
import { generationStatuses } from '../../src/gateway/domain/generation/history.ts'
import { validatorCompiler } from '../../src/gateway/http/requests/validation.ts'
import {
  GenerationFilterBody,
  filterQuery,
  toGenerationFilter,
} from '../../src/gateway/http/schemas/generations/generation-filter.ts'

const now = Date.UTC(2026, 10, 27)
const query = z.strictObject(filterQuery)
const validate = validatorCompiler({ schema: query, httpPart: 'querystring', method: 'GET', url: '/' })

/** What a query string says, or the pointers of its faults. */
function parsed(search: URLSearchParams) {
  const result: any = validate(Object.fromEntries(search))
  if (result.error !== undefined) return result.error.faults.map(({ pointer }: any) => pointer)
  return toGenerationFilter(query.parse(result.value))
}

const word = fc.stringMatching(/^[a-z0-9_.-]{1,30}$/)
const value = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((each) => !each.includes('\0'))
const optional = <T>(each: fc.Arbitrary<T>) => fc.option(each, { nil: undefined })
const time = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((at) => at.toISOString())

const asked = fc.record({
  tenant: optional(word),
  key: optional(word),
  status: optional(fc.constantFrom(...generationStatuses)),
  attempt_state: optional(fc.constantFrom(...attemptStates)),
  upstream: optional(word),
  model: optional(word),
  character: optional(fc.constant('coffee_girl')),
  error: optional(fc.constantFrom(...filterErrors)),
  created_from: optional(time),
  created_to: optional(time),
  older_than_seconds: optional(fc.nat({ max: 1_000_000 })),
  metadata: optional(
    fc.dictionary(
      value.filter((name) => name !== '__proto__'),
      value,
      { minKeys: 1, maxKeys: 5 },
    ),
  ),
  q: optional(
    fc
      .array(fc.stringMatching(/^[a-zA-ZäöüÄÖÜ走]{1,15}$/), { minLength: 1, maxLength: 8 })
      .map((words) => words.join(' ')),
  ),
  attention: optional(fc.boolean()),
})

type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never

function searchOf(filter: Asked, dotted: boolean): URLSearchParams {
  const { metadata = {}, ...flat } = filter
  const search = new URLSearchParams()
  for (const [name, said] of Object.entries(flat)) if (said !== undefined) search.set(name, String(said))
  for (const [name, said] of Object.entries(metadata))
    search.set(dotted ? `metadata.${name}` : `metadata[${name}]`, said)
  return search
}

t.test(
  'a name that would be lost on the way is refused, so that no filter is wider than it was asked',
  async (t) => {
    for (const name of ['metadata.__proto__', 'metadata[__proto__]'])
      t.same(parsed(new URLSearchParams({ [name]: 'x' })), [`#/query/${name}`])
    t.match(parsed(new URLSearchParams({ 'metadata.constructor': 'x' })), {
      metadata: [['constructor', 'x']],
    })
  },
)

t.test('a query and a body that say the same mean the same generations', async (t) => {
  fc.assert(
    fc.property(asked, fc.boolean(), (filter, dotted) => {
      const said = Object.fromEntries(Object.entries(filter).filter(([, each]) => each !== undefined))
      const body = toGenerationFilter(GenerationFilterBody.parse(said))
      t.strictSame(parsed(searchOf(filter, dotted)), body)
      t.equal(body.metadata.length, Object.keys(filter.metadata ?? {}).length)
      for (const [name, member] of [
        ['tenant', body.tenant],
        ['key', body.key],
        ['status', body.status],
        ['attempt_state', body.attemptState],
        ['upstream', body.upstream],
        ['model', body.model],
        ['character', body.character],
        ['error', body.error],
      ] as const)
        t.equal(member, filter[name] ?? null)
      t.equal(body.attention, filter.attention ?? false)
    }),
    { numRuns: 300 },
  )
})

t.test('an empty query has no condition', async (t) => {
  t.strictSame(parsed(new URLSearchParams()), everyGeneration)
  t.strictSame(parsed(new URLSearchParams('tenant=&q=&status=')), everyGeneration)
})

t.test('every code of an error and of a failure can be asked for', async (t) => {
  for (const code of [...generationErrorCodes, ...failureCodes])
    t.equal(parsed(new URLSearchParams({ error: code })).error, code)
})

const to = (at: number): string => new Date(at).toISOString()

t.test('an age is counted from now, and the earlier of two ends counts', async (t) => {
  const hour = now - 3_600_000
  for (const [search, end] of [
    [{}, Infinity],
    [{ created_to: to(now) }, now],
    [{ older_than_seconds: '3600' }, hour],
    [{ older_than_seconds: '3600', created_to: to(now) }, hour],
    [{ older_than_seconds: '3600', created_to: to(hour - 1) }, hour - 1],
  ] as const)
    t.equal(createdBefore(parsed(new URLSearchParams(search)), now), end)
})

t.test('words are told apart by nothing but their letters', async (t) => {
  t.strictSame(parsed(new URLSearchParams({ q: ' Beach  ＢＥＡＣＨ \n sunset' })).words, ['beach', 'sunset'])
})

t.test('what is no filter is refused, by name', async (t) => {
  for (const [search, pointer] of [
    ['statuss=failed', '#/query/statuss'],
    ['status=lost', '#/query/status'],
    ['attempt_state=queued', '#/query/attempt_state'],
    ['error=nothing', '#/query/error'],
    ['created_from=yesterday', '#/query/created_from'],
    ['older_than_seconds=-1', '#/query/older_than_seconds'],
    ['older_than_seconds=1.5', '#/query/older_than_seconds'],
    ['attention=yes', '#/query/attention'],
    ['character=@', '#/query/character'],
    ['metadata=1', '#/query/metadata'],
    ['labels.shot=1', '#/query/labels'],
    [`q=${'a'.repeat(201)}`, '#/query/q'],
    ['q=a b c d e f g h i j k', '#/query/q'],
    [[1, 2, 3, 4, 5, 6].map((n) => `metadata.${n}=x`).join('&'), '#/query/metadata'],
    [`metadata.x=${'v'.repeat(513)}`, '#/query/metadata/x'],
  ] as const)
    t.strictSame(parsed(new URLSearchParams(search)), [pointer], search.slice(0, 40))
})

t.test('a member that is called __proto__ is a member like any other', async (t) => {
  const { metadata } = parsed(new URLSearchParams({ 'metadata.constructor': '1' }))
  t.strictSame(metadata, [['constructor', '1']])
  t.strictSame(parsed(new URLSearchParams({ '__proto__.polluted': '1' })), ['#/query/__proto__'])
  t.equal(Reflect.get({}, 'polluted'), undefined)
})
