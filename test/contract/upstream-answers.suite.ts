import type { Test } from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { accepted, bytesOf, oddBodies, plain } from './upstream-stage.ts'
import type { Make } from './upstream-stage.ts'

/** The job may be running and paid for. */
const saysNothing = { type: /^(unreachable|unreadable)$/ }

export async function createOutcomes(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, fault, renders, requests } = stage
  const request = { ...plain, model: stage.model }
  const rows: [fault: FaultInput, outcome: object][] = [
    [
      { kind: 'rate_limited', retryAfterSeconds: 2 },
      { type: 'rejected', retryAfterMs: 2000 },
    ],
    [
      { kind: 'rate_limited', reason: 'concurrency' },
      { type: 'rejected', retryAfterMs: null },
    ],
    [{ kind: 'overloaded', wrapped: 'in_429' }, { type: 'rejected' }],
    [{ kind: 'overloaded', wrapped: 'in_200' }, { type: 'rejected' }],
    [{ kind: 'overloaded', wrapped: 'in_502' }, { type: 'rejected' }],
    [{ kind: 'down' }, { type: 'rejected' }],
    [{ kind: 'unauthorized' }, { type: 'upstream_down' }],
    [{ kind: 'billing', code: 'insufficient_quota' }, { type: 'upstream_down' }],
    [{ kind: 'billing', code: 'billing_hard_limit_reached' }, { type: 'upstream_down' }],
    [{ kind: 'billing', code: 'insufficient_credits' }, { type: 'upstream_down' }],
    [{ kind: 'model_gone', variant: 'not_found' }, { type: 'upstream_down' }],
    [{ kind: 'model_gone', variant: 'paused' }, { type: 'upstream_down' }],
    [{ kind: 'model_gone', variant: 'paused_in_200' }, { type: 'upstream_down' }],
    [{ kind: 'model_gone', variant: 'invalid_url' }, { type: 'upstream_down' }],
    [{ kind: 'html' }, { type: 'upstream_down' }],
    [
      { kind: 'invalid_value', param: 'seconds' },
      { type: 'invalid', elsewhere: true },
    ],
    [
      { kind: 'invalid_value', param: 'prompt' },
      { type: 'invalid', elsewhere: false },
    ],
    [{ kind: 'character_invalid', code: 'cameo_not_found' }, { type: 'character_invalid' }],
    [{ kind: 'character_invalid' }, { type: 'character_invalid' }],
    [{ kind: 'refused', status: 400 }, { type: 'refused' }],
    [{ kind: 'refused', status: 403 }, { type: 'refused' }],
    [{ kind: 'refused', status: 451, code: 'prompt_unsafe' }, { type: 'refused' }],
    [{ kind: 'server_error', status: 500 }, { type: 'unknown' }],
    [{ kind: 'server_error', status: 502, body: 'html' }, { type: 'unknown' }],
    [{ kind: 'server_error', status: 504, body: 'empty' }, { type: 'unknown' }],
    [{ kind: 'server_error', status: 524, body: 'html' }, { type: 'unknown' }],
  ]
  for (const [each, outcome] of rows) {
    fault(each)
    t.match(await upstream.create(request), outcome, JSON.stringify(each))
  }
  fault()
  t.match(await upstream.create({ ...request, prompt: 'something forbidden' }), { type: 'refused' })
  t.equal(requests().create, rows.length + 1, 'each of them was sent once')
  t.same(renders(), [], 'and nothing was rendered')
}

export async function lostAnswers(t: Test, make: Make) {
  const stage = await make(t, { createMs: 300 })
  const { upstream, fault, renders, requests, can } = stage
  const request = { ...plain, model: stage.model }
  const since = Date.now()
  const made: FaultInput[] = [
    { kind: 'reset', accepted: true },
    { kind: 'no_id' },
    { kind: 'server_error', accepted: true },
    ...oddBodies.map((body): FaultInput => ({ kind: 'odd_body', body, on: ['create'], accepted: true })),
  ]
  for (const each of made) {
    fault(each)
    t.match(await upstream.create(request), { type: 'unknown' }, JSON.stringify(each))
  }
  const unmade: FaultInput[] = [{ kind: 'reset' }, { kind: 'down', answer: 'destroy' }]
  for (const each of unmade) {
    fault(each)
    t.match(await upstream.create(request), { type: 'unknown' }, JSON.stringify(each))
  }
  // At the same time, because they last: one of them is made, and the other is not.
  fault({ kind: 'hang', accepted: true, times: 1 }, { kind: 'hang', times: 1 })
  const hung = await Promise.all([upstream.create(request), upstream.create(request)])
  t.match(hung, [{ type: 'unknown' }, { type: 'unknown' }], 'no answer in time')
  fault()
  t.equal(renders().length, made.length + 1, 'a job whose answer was lost is not made again')
  t.equal(requests().create, made.length + unmade.length + hung.length, 'and no create is repeated')

  const listed = await upstream.listRecent(since)
  if (!can.list) {
    t.same(listed, { type: 'unsupported' })
    return
  }
  t.match(listed, { type: 'listed', complete: can.list === 'whole' })
  const jobs = listed.type === 'listed' ? listed.jobs : []
  t.same(new Set(jobs.map((job) => job.upstreamId)), new Set(renders().map(({ id }) => id)))
  for (const job of jobs) {
    t.ok(job.prompt === null || job.prompt === request.prompt)
    t.match(await upstream.poll(job.operation), { type: 'running' }, 'a listed job can be polled')
  }
}

export async function definiteErrors(t: Test, make: Make) {
  const stage = await make(t, { createServerError: 'rejected' })
  const { upstream, fault } = stage
  const request = { ...plain, model: stage.model }
  fault({ kind: 'server_error', status: 500 })
  t.match(await upstream.create(request), { type: 'rejected' }, 'with an error body of the vendor')
  for (const body of ['html', 'empty'] as const) {
    fault({ kind: 'server_error', status: 502, body })
    t.match(await upstream.create(request), { type: 'unknown' }, `but not with ${body}`)
  }
  fault({ kind: 'reset' })
  t.match(await upstream.create(request), { type: 'unknown' }, 'and not without an answer')
}

export async function pollReports(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, fault, finish, can } = stage
  fault({ kind: 'stuck', progress: 99 })
  const job = await accepted(t, stage)
  const rows: [fault: FaultInput, report: object][] = [
    [
      { kind: 'odd_status', word: 'archiving' },
      { type: 'running', status: 'archiving' },
    ],
    [{ kind: 'vanished' }, { type: 'not_found' }],
    ...oddBodies.map((body): [FaultInput, object] => [{ kind: 'odd_body', body }, saysNothing]),
    [{ kind: 'html', on: ['poll'] }, { type: 'unreadable' }],
    [{ kind: 'overloaded', wrapped: 'in_200', on: ['poll'] }, { type: 'unreachable' }],
    [
      { kind: 'rate_limited', retryAfterSeconds: 3, on: ['poll'] },
      { type: 'unreachable', retryAfterMs: 3000 },
    ],
    [{ kind: 'server_error', on: ['poll'] }, { type: 'unreachable' }],
    [{ kind: 'unauthorized' }, { type: 'unreachable' }],
    [{ kind: 'model_gone', variant: 'invalid_url', on: ['poll'] }, { type: /^(unreachable|unreadable)$/ }],
    [{ kind: 'reset', on: ['poll'] }, { type: 'unreachable' }],
    [{ kind: 'down' }, { type: 'unreachable' }],
  ]
  for (const [each, report] of rows) {
    if (each.kind === 'odd_status' && can.words === false) continue
    fault(each)
    t.match(await upstream.poll(job.operation), report, JSON.stringify(each))
  }
  for (const style of ['float', 'fraction', 'percent', 'missing', 'regress'] as const) {
    fault({ kind: 'odd_progress', style })
    const report = await upstream.poll(job.operation)
    const progress = report.type === 'running' ? report.progress : Number.NaN
    const isPercent = progress === null || (Number.isInteger(progress) && progress >= 0 && progress <= 100)
    t.ok(isPercent, `${style} progress reads as ${progress}`)
  }
  fault()
  t.match(
    await upstream.poll(job.operation),
    { type: 'running', progress: can.progress === 'zero' ? 0 : can.progress ? 99 : null },
    'after all that it still runs',
  )
  finish(job.upstreamId)
  fault({ kind: 'odd_body', on: ['poll', 'result'] })
  t.match(await upstream.poll(job.operation), saysNothing, 'an error in place of the result')
  fault({ kind: 'no_url' })
  const late = await upstream.poll(job.operation)
  if (late.type === 'completed') {
    const fetched = await upstream.fetchVideo(job.operation, late.result)
    t.ok(fetched.type === 'body' && (await bytesOf(fetched.body)).length > 0, 'without a URL it is elsewhere')
  } else t.match(late, { type: 'unreadable' }, 'without a URL there is nothing to fetch')
  fault()
  t.match(await upstream.poll(job.operation), { type: 'completed' }, 'the URL came late')

  fault({ kind: 'fails_late' })
  const failing = await accepted(t, stage)
  await upstream.poll(failing.operation)
  t.match(await upstream.poll(failing.operation), {
    type: 'failed',
    retryable: true,
    // Some vendors tell codes alone.
    message: can.reasons === false ? /failed/ : /heavy load|processing_error/,
  })
  fault()
  const refused = await accepted(t, stage, { prompt: 'forbidden-late' })
  await upstream.poll(refused.operation)
  t.match(await upstream.poll(refused.operation), { type: 'refused' })
}
