import type { Test } from 'tap'
import type { CharacterOutcome, Job } from '../../src/gateway/domain/attempts/outcome.ts'
import type { MediaSource, Upstream } from '../../src/gateway/ports/upstream.ts'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { accepted, completed, oddBodies, plain } from './upstream-stage.ts'
import type { Make } from './upstream-stage.ts'

/** Polls until the creation has ended, for vendors that create characters by jobs. */
async function ended(upstream: Upstream, begun: CharacterOutcome): Promise<CharacterOutcome> {
  let outcome = begun
  for (let polls = 0; outcome.type === 'pending' && polls < 6; polls += 1)
    outcome = await upstream.pollCharacter(outcome.operation)
  return outcome
}

const mossy = {
  name: 'mossy',
  description: 'a moss troll',
  span: { start: 0, end: 2 },
  fromJob: null,
}

export async function characters(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, renders, requests, revokeCharacter, clip, can } = stage
  const request = { ...plain, model: stage.model }
  const character = { ...mossy, clip }
  const begun = await upstream.createCharacter(character)
  if (!can.characters) {
    t.match(begun, { type: 'invalid' })
    t.equal(requests().character_create, 0)
    return
  }
  const made = await ended(upstream, begun)
  if (made.type !== 'ready') throw new Error(`no character: ${JSON.stringify(made)}`)
  const { handle } = made
  const prompt = `${upstream.mention({ handle, name: 'mossy' })} walks on the beach`
  const withHandle = { prompt, characterHandles: [handle] }
  const job = await accepted(t, stage, withHandle)
  t.match(renders(), [{ id: job.upstreamId, characters: [handle] }], 'the vendor rendered it')

  revokeCharacter(handle)
  t.match(await upstream.create({ ...request, ...withHandle }), { type: 'character_invalid' })

  await completed(upstream, job)
  const again = await upstream.createCharacter({ ...character, fromJob: job.operation })
  t.match(await ended(upstream, again), { type: 'ready' }, 'from a finished job, or its clip')
  const lost = await upstream.createCharacter({
    ...character,
    fromJob: { ...jobOf(job), id: 'task_unknown' },
  })
  // Where a job makes it, the vendor only finds out later that the source is gone.
  if (lost.type === 'ready') t.match(lost, { type: 'ready' }, 'from the clip, when the job is gone')
  else t.match(await ended(upstream, lost), { type: /^(ready|invalid|unknown)$/ }, lost.type)
}

export async function makings(t: Test, make: Make) {
  const { upstream, fault, requests, clip, can } = await make(t)
  if (!can.characters) return
  const character = { ...mossy, clip }
  const on: 'character_create'[] = ['character_create']
  const rows: [fault: FaultInput, outcome: object][] = [
    [{ kind: 'reset', accepted: true, on }, { type: 'unknown' }],
    [{ kind: 'server_error', accepted: true, on }, { type: 'unknown' }],
    ...oddBodies.map((body): [FaultInput, object] => [
      { kind: 'odd_body', body, accepted: true, on },
      { type: 'unknown' },
    ]),
    [{ kind: 'rate_limited', on }, { type: 'rejected' }],
    [{ kind: 'overloaded', wrapped: 'in_200', on }, { type: 'rejected' }],
    [{ kind: 'unauthorized' }, { type: 'upstream_down' }],
    [{ kind: 'html', on }, { type: 'upstream_down' }],
  ]
  for (const [each, outcome] of rows) {
    fault(each)
    t.match(await upstream.createCharacter(character), outcome, JSON.stringify(each))
  }
  t.ok(requests().character_create <= rows.length, 'no creation is repeated')
  fault()
  const refused = await upstream.createCharacter({ ...character, name: 'forbidden', ...forbidden(clip) })
  t.match(refused, { type: 'refused' })

  fault({ kind: 'character_fails' })
  const begun = await upstream.createCharacter(character)
  if (begun.type !== 'pending') return
  for (const each of ['server_error', 'html', 'odd_body', 'rate_limited', 'reset'] as const) {
    fault({ kind: each, on: ['character_read', 'poll'] })
    t.match(await upstream.pollCharacter(begun.operation), { type: /^(unknown|rejected|pending)$/ }, each)
  }
  fault()
  t.match(await ended(upstream, begun), { type: /^(rejected|invalid)$/ }, 'the vendor could not make it')
  fault({ kind: 'character_fails', code: 'content_policy_violation' })
  t.match(await ended(upstream, await upstream.createCharacter(character)), { type: 'refused' })
}

/** Vendors that do not receive a name moderate the URL. */
function forbidden(clip: MediaSource): { clip: MediaSource } {
  return { clip: { ...clip, url: `${clip.url}&label=forbidden` } }
}

export async function inlineCharacters(t: Test, make: Make) {
  const stage = await make(t)
  const { upstream, renders, requests, clip, can } = stage
  const { name, span, fromJob } = mossy
  const prompt = `${upstream.mention({ handle: name, name })} walks on the beach`
  const request = {
    ...plain,
    model: stage.model,
    prompt,
    inlineCharacters: [{ name, span, fromJob, clip }],
  }
  const outcome = await upstream.create(request)
  if (!can.inline) {
    t.match(outcome, { type: 'invalid', elsewhere: true })
    t.equal(requests().create, 0, 'it is not dropped in silence')
    return
  }
  t.match(outcome, { type: 'accepted' })
  t.match(renders(), [{ prompt, characters: [/^ch_/] }], 'the vendor made it')
  const two = { ...request, inlineCharacters: [...request.inlineCharacters, ...request.inlineCharacters] }
  t.match(await upstream.create(two), { type: 'invalid', elsewhere: true }, 'one at a time')
  t.equal(requests().create, 1)
}

function jobOf({ operation }: Job): object {
  return typeof operation === 'object' && operation !== null ? operation : {}
}
