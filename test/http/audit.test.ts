import t from 'tap'
import { AuditEntryDto } from '../../src/gateway/http/schemas/accounts/audit.ts'
import { auditId, characterId, keyId } from './samples.ts'
import { createStubs, keys, serve } from './stub-services.ts'

const asAdmin = { authorization: `Bearer ${keys.admin}` }

t.test('a page tells who did what with which key from where', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const query = `tenant=studio&key=maker&action=key.created&subject=${characterId}&from=2026-11-01T00:00:00Z`
  const url = `/audit?${query}&to=2026-12-01T00:00:00Z&limit=2&cursor=${auditId}`
  const answer = await app.inject({ url, headers: asAdmin })
  t.equal(answer.statusCode, 200)
  const { data, ...page } = answer.json()
  t.strictSame(page, { has_more: true, next_cursor: auditId })
  for (const entry of data) t.strictSame(AuditEntryDto.parse(entry), entry)
  t.match(data[0], { action: 'character.created', key: 'maker', key_id: keyId, address: '192.0.2.17' })
  t.notMatch(answer.body, /inside/)
  t.strictSame(stubs.seen.calls, [
    `list audit ${JSON.stringify({
      tenant: 'studio',
      key: 'maker',
      action: 'key.created',
      subject: characterId,
      from: Date.UTC(2026, 10, 1),
      to: Date.UTC(2026, 11, 1),
      before: auditId,
      limit: 2,
    })}`,
  ])
})

t.test('an export is everything that matches, as lines of JSON or as CSV without formulas', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const lines = await app.inject({ url: '/audit?format=ndjson', headers: asAdmin })
  t.equal(lines.headers['content-type'], 'application/x-ndjson')
  t.match(lines.headers['content-disposition'], /audit\.ndjson/)
  const parsed = lines.body
    .trimEnd()
    .split('\n')
    .map((line) => AuditEntryDto.parse(JSON.parse(line)))
  t.same(
    parsed.map(({ action }) => action),
    ['character.created', 'authentication.failing'],
  )
  const accepted = await app.inject({
    url: '/audit',
    headers: { ...asAdmin, accept: 'application/x-ndjson' },
  })
  t.equal(accepted.body, lines.body)

  const csv = await app.inject({ url: '/audit?key=maker', headers: { ...asAdmin, accept: 'text/csv' } })
  t.match(csv.headers['content-type'], /^text\/csv/)
  t.strictSame(csv.body.split('\r\n'), [
    'id,at,action,tenant,key,key_id,address,request_id,subject,data',
    `${auditId},2026-11-22T15:04:05.000Z,character.created,studio,maker,${keyId},192.0.2.17,"'=HYPERLINK(""http://x"")",${characterId},"{""name"":""coffee_girl"",""list"":[1,null]}"`,
    `${auditId},2026-11-22T15:04:05.000Z,authentication.failing,,,,192.0.2.17,,,{}`,
    '',
  ])
  t.match(stubs.seen.calls.at(-1), /^all audit .*"key":"maker"/)
})

t.test('CSV has a path of its own, with the same filters and every entry', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const query = `tenant=studio&key=maker&action=key.created&subject=${characterId}&from=2026-11-01T00:00:00Z`
  const asCsv = await app.inject({ url: `/audit?${query}`, headers: { ...asAdmin, accept: 'text/csv' } })
  const own = await app.inject({ url: `/audit.csv?${query}`, headers: asAdmin })
  t.equal(own.statusCode, 200)
  t.match(own.headers, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="audit.csv"',
  })
  t.equal(own.body, asCsv.body)
  t.match(own.body, /'=HYPERLINK/, 'and no cell is a formula')
  t.equal(stubs.seen.calls.at(-1), stubs.seen.calls.at(-2))
  for (const paged of ['limit=2', `cursor=${auditId}`]) {
    const wrong = await app.inject({ url: `/audit.csv?${paged}`, headers: asAdmin })
    t.equal(wrong.statusCode, 400, `${paged}: an export has no pages`)
  }
})

t.test('what cannot be asked is told by its pointer', async (t) => {
  const app = await serve(t)
  for (const [query, pointer] of [
    ['action=everything', '#/query/action'],
    ['from=today', '#/query/from'],
    ['cursor=gen_1', '#/query/cursor'],
    ['limit=0', '#/query/limit'],
    ['format=xml', '#/query/format'],
  ] as const) {
    const answer = await app.inject({ url: `/audit?${query}`, headers: asAdmin })
    t.equal(answer.json().errors[0].pointer, pointer, query)
  }
})
