import t from 'tap'
import { auditActions, auditQuery } from '../../src/console/src/rules/audit-filter.ts'
import { subjectPlace } from '../../src/console/src/rules/audit-subject.ts'
import {
  changesOf,
  draftOfKey,
  emptyKey,
  keyKinds,
  keyScopes,
  settingsOf,
  toggled,
} from '../../src/console/src/rules/key-draft.ts'
import { auditActions as knownActions } from '../../src/gateway/domain/accounts/audit.ts'
import { scopes } from '../../src/gateway/domain/accounts/client.ts'
import { upstreamKinds } from '../../src/gateway/domain/routing/upstream.ts'

t.test('the form offers every scope and every kind that the gateway knows', (t) => {
  t.same(keyScopes, scopes)
  t.same(keyKinds.toSorted(), upstreamKinds.toSorted())
  t.end()
})

t.test('an empty field is no limit, and a day is until its end', (t) => {
  t.same(settingsOf(emptyKey), {
    scopes: ['generate'],
    allow: ['official', 'reverse', 'self_hosted'],
    monthly_budget_usd: null,
    requests_per_minute: null,
    max_in_flight: null,
    expires_at: null,
  })
  const full = { ...emptyKey, budget: '12.5', perMinute: ' 60 ', inFlight: '3', expires: '2026-12-31' }
  t.match(settingsOf(full), {
    monthly_budget_usd: 12.5,
    requests_per_minute: 60,
    max_in_flight: 3,
    expires_at: '2027-01-01T00:00:00Z',
  })
  t.end()
})

const known = {
  name: 'marketing',
  tenant: 'studio',
  scopes: ['read', 'generate'],
  allow: ['reverse'],
  monthly_budget_usd: 0,
  requests_per_minute: null,
  max_in_flight: 5,
  expires_at: '2026-12-01T09:30:00.000Z',
}

t.test('a change sends only what differs', (t) => {
  const before = draftOfKey(known)
  t.match(before, { scopes: ['generate', 'read'], budget: '0', perMinute: '', expires: '2026-12-01' })
  t.same(changesOf(before, before), {}, 'and not the time of day of an expiry that stays')
  t.same(changesOf(before, { ...before, budget: '', inFlight: '5' }), { monthly_budget_usd: null })
  t.same(changesOf(before, { ...before, scopes: ['read'], expires: '' }), {
    scopes: ['read'],
    expires_at: null,
  })
  t.same(changesOf(before, { ...before, scopes: ['read', 'generate'] }), {}, 'an order is no change')
  t.end()
})

t.test('a day that a key expires at the end of is shown as it was chosen', (t) => {
  const { expires_at } = settingsOf({ ...emptyKey, expires: '2027-01-31' })
  t.equal(draftOfKey({ ...known, expires_at }).expires, '2027-01-31')
  t.end()
})

t.test('a box that is ticked keeps the order', (t) => {
  t.same(toggled(keyScopes, ['read'], 'generate'), ['generate', 'read'])
  t.same(toggled(keyScopes, ['generate', 'read'], 'generate'), ['read'])
  t.end()
})

t.test('an entry leads to what it was done to, where that can still be seen', (t) => {
  const ulid = '01kasp3v5tq8c9d4wz7m2n6xhr'
  for (const [action, subject, place] of [
    ['generation.created', `gen_${ulid}`, { to: '/generations/$id', id: `gen_${ulid}` }],
    ['attempt.resolved', `gen_${ulid}`, { to: '/generations/$id', id: `gen_${ulid}` }],
    ['generation.deleted', `gen_${ulid}`, null],
    ['character.updated', `char_${ulid}`, { to: '/characters/$id', id: `char_${ulid}` }],
    ['comparison.scored', `cmp_${ulid}`, { to: '/compare/$id', id: `cmp_${ulid}` }],
    ['key.rotated', `key_${ulid}`, { to: '/keys' }],
    ['upstream.paused', 'reseller', { to: '/upstreams/$id', id: 'reseller' }],
    ['tenant.updated', 'studio', { to: '/money' }],
    ['budget.exhausted', 'studio', { to: '/money' }],
    ['budget.exhausted', `key_${ulid}`, { to: '/keys' }],
    ['webhook_secret.created', `wsec_${ulid}`, null],
    ['authentication.failing', null, null],
    ['generation.created', 'javascript:alert(1)', null],
  ] as const)
    t.same(subjectPlace({ action, subject }), place, `${action} ${subject}`)
  t.end()
})

t.test('the audit log can be filtered by everything that the gateway writes, in whole days', (t) => {
  t.same(auditActions, knownActions)
  t.same(auditQuery({}), {})
  t.same(auditQuery({ action: 'key.created', subject: 'key_1', from: '2026-11-30', to: '2026-11-30' }), {
    action: 'key.created',
    subject: 'key_1',
    from: '2026-11-30T00:00:00Z',
    to: '2026-12-01T00:00:00.000Z',
  })
  t.end()
})
