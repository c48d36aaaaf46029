import t from 'tap'
import { doctorLines, needsAttention } from '../src/gateway/doctor-report.ts'
import { probeStatuses } from '../src/gateway/domain/steering/probe.ts'
import type { ProbedCall, ProbeReport } from '../src/gateway/domain/steering/probe.ts'

const spec = { id: 'relay', kind: 'reverse', dialect: 'kie-jobs' } as const
const ok: ProbedCall = { operation: 'list', status: 'ok', message: null, httpStatus: 200, ms: 12, jobs: 3 }
const report = (...calls: ProbedCall[]): ProbeReport => ({ upstream: 'relay', calls, missingModels: null })

t.test('what an upstream said is told, with what to do next', async (t) => {
  const rejected: ProbedCall = {
    operation: 'models',
    status: 'account_rejected',
    message: 'Incorrect API key provided',
    httpStatus: 401,
    ms: 8,
  }
  t.same(doctorLines(spec, report(ok, rejected)), [
    'relay (reverse, kie-jobs)',
    '  list     ok, HTTP 200, 12 ms, 3 jobs on the first page',
    '  models   account_rejected, HTTP 401, 8 ms',
    '           Incorrect API key provided',
    '           Check the key and the balance of the account.',
  ])
  const balance = { operation: 'balance', status: 'ok', message: null, httpStatus: 200, ms: 5 } as const
  const worth = { amount: 80, unit: 'credits', micros: 400_000 }
  t.same(doctorLines({ ...spec, disabled: true }, report({ ...balance, balance: worth })), [
    'relay (reverse, kie-jobs, disabled)',
    '  balance  ok, HTTP 200, 5 ms, 80 credits ($0.40)',
  ])
  t.match(doctorLines(spec, report({ ...balance, balance: { ...worth, amount: 0, micros: null } })), [
    /^relay/,
    /0 credits$/,
    /The account is empty/,
  ])
  t.match(doctorLines(spec, report()), [/^relay/, /understudy verify relay --spend/])
  t.match(doctorLines(spec, { ...report(ok), missingModels: ['sora-2', 'veo'] }), [
    /^relay/,
    /list/,
    /lacks sora-2, veo/,
  ])
})

t.test('only an upstream that cannot be relied on needs attention', async (t) => {
  const expected = { account_rejected: true, busy: true, unreachable: true, unreadable: true }
  for (const status of probeStatuses) {
    const call: ProbedCall = { ...ok, operation: 'models', status }
    t.equal(needsAttention(report(ok, call)), Object.hasOwn(expected, status), status)
  }
  t.equal(needsAttention(report()), false, 'it has nothing to ask')
  t.equal(needsAttention(report({ ...ok, status: 'unsupported' })), true, 'nothing of it is there')
  t.equal(needsAttention({ ...report(ok), missingModels: [] }), false)
  t.equal(needsAttention({ ...report(ok), missingModels: ['sora-2'] }), true)
  for (const [amount, expectedAttention] of [
    [1, false],
    [0, true],
    [-3, true],
  ] as const) {
    const call = { ...ok, balance: { amount, unit: 'usd', micros: null } }
    t.equal(needsAttention(report(call)), expectedAttention, `${amount}`)
  }
})
