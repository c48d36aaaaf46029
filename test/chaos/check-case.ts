import { findable, micros, orphansOf } from './case.ts'
import type { Blame, Case, Violation } from './case.ts'
import { checkHistory } from './check-history.ts'
import { finalStatuses, liveStates } from './shown.ts'

const notTaken = new Set(['never_sent', 'overloaded', 'upstream_down', 'invalid', 'character_invalid'])

/** The violations of one generation, by what the API shows. */
export function checkCase(each: Case): Violation[] {
  const { id } = each.generation
  const found: Violation[] = []
  const blame: Blame = (kind, detail) => void found.push({ kind, id, detail })
  if (each.asked === undefined) blame('caller', 'its prompt was never asked for')
  const { refusedWith, lostAnswer } = each.asked ?? { refusedWith: null, lostAnswer: false }
  if (refusedWith !== null && !lostAnswer) blame('caller', `was refused with ${refusedWith}, and is there`)
  checkEnd(each, blame)
  checkRenders(each, blame)
  checkTwice(each, blame)
  checkMoney(each, blame)
  checkReference(each, blame)
  checkHistory(each, blame)
  return found
}

function checkEnd({ generation, key, renders }: Case, blame: Blame): void {
  const { status, attempts, video } = generation
  if (!finalStatuses.has(status)) blame('stuck', `still ${status}`)
  for (const { id, state, kind, failure, upstream_id: upstreamId } of attempts) {
    if (liveStates.has(state)) blame('stuck', `${id} is still ${state}`)
    if (key === 'bank' && kind !== 'official') blame('floor', `${id} went to a ${kind} upstream`)
    // A job that the gateway deleted does not exist any more; a create that the vendor's list denies never existed.
    const isDeleted = renders.some((render) => render.id === upstreamId && render.state === 'deleted')
    const hadJob = upstreamId !== null && !isDeleted
    if (hadJob && (failure?.code === 'lost' || failure?.code === 'archive_failed')) {
      blame('verdict', `${id} was given up as ${failure.code} without three times "no": ${failure.message}`)
    }
  }
  const delivered = attempts.some(({ state }) => state === 'succeeded')
  if (status === 'completed' && (!delivered || video === null)) blame('lost', 'completed without a video')
  if (status === 'failed' && delivered && video === null) blame('lost', 'a paid video was not kept')
}

/** Every render belongs to an attempt that reports its result, or may belong to one with an unknown outcome. */
function checkRenders({ generation, renders }: Case, blame: Blame): void {
  for (const attempt of generation.attempts) {
    const { id, state, upstream_id: upstreamId, failure } = attempt
    if (upstreamId === null) continue
    const render = renders.find((each) => each.id === upstreamId)
    if (render === undefined) blame('lost', `${id} names the job ${upstreamId}, which nobody made`)
    else if (render.state === 'completed' && state !== 'succeeded' && failure?.code !== 'archive_failed') {
      blame('lost', `${id} is ${state} (${failure?.code ?? '–'}), and ${upstreamId} was rendered`)
    } else if (state === 'succeeded' && render.state === 'failed') {
      blame('lost', `${id} succeeded, and ${upstreamId} failed`)
    }
    if (failure !== null && state === 'failed' && notTaken.has(failure.code)) {
      blame('lost', `${id} has the job ${upstreamId}, and was not taken: ${failure.code}`)
    }
  }
  const orphans = Map.groupBy(orphansOf(generation, renders), ({ upstream }) => upstream)
  for (const [upstream, strays] of orphans) {
    const unknown = generation.attempts.filter(
      (attempt) => attempt.upstream === upstream && attempt.state === 'unknown',
    )
    if (strays.length > unknown.length) {
      blame(
        'lost',
        `${strays.length} renders at ${upstream} without an attempt that knows of them (${strays.map(({ id, state }) => `${id} ${state}`).join(', ')}), ${unknown.length} of unknown outcome`,
      )
    }
  }
  for (const { id } of findable(generation, renders)) blame('lost', `${id} was listed, and was not found`)
}

/** A second render is only allowed after the first definitely failed, or if the caller took the risk and was told. */
function checkTwice({ generation, asked, renders }: Case, blame: Blame): void {
  const ordered = renders.toSorted((a, b) => a.createdAt - b.createdAt)
  for (const [index, render] of ordered.entries()) {
    const next = ordered[index + 1]
    if (next === undefined) continue
    const ended = render.state === 'failed' && render.endedAt !== null && render.endedAt <= next.createdAt
    if (ended) continue
    if (asked?.onUnknown === 'fail') {
      blame('rendered twice', `${render.id} was ${render.state} when ${next.id} was ordered`)
    } else if (!generation.warnings.some(({ code }) => code === 'two_bills_possible')) {
      blame('rendered twice', `${render.id} and ${next.id}, and no warning of two bills`)
    }
  }
  if (renders.length > generation.attempts.length) {
    blame('rendered twice', `${renders.length} renders of ${generation.attempts.length} attempts`)
  }
}

function checkMoney({ generation, asked, renders }: Case, blame: Blame): void {
  let settled = 0
  let reserved = 0
  for (const attempt of generation.attempts) {
    const { id, cost_usd: usd, cost_state: state, upstream_id: upstreamId } = attempt
    if (state === 'settled') settled += micros(usd)
    else reserved += micros(usd)
    if (state === 'reserved' && attempt.state !== 'unknown' && !liveStates.has(attempt.state)) {
      blame('ledger', `${id} is ${attempt.state}, and its cost is not settled`)
    }
    const render = renders.find((each) => each.id === upstreamId)
    if (state === 'settled' && render !== undefined && micros(render.billedUsd) !== micros(usd)) {
      blame(
        'ledger',
        `${id} (${attempt.state} ${attempt.failure?.code ?? ''}) is settled at ${usd}, and ${render.id} (${render.state}) was billed ${render.billedUsd}`,
      )
    }
  }
  if (settled !== micros(generation.cost_usd) || reserved !== micros(generation.reserved_cost_usd)) {
    blame('ledger', 'the cost of the generation is not that of its attempts')
  }
  const most = asked?.maxCostUsd ?? null
  if (most !== null && settled + reserved > micros(most)) {
    blame('ledger', `costs up to ${(settled + reserved) / 1e6}, and ${most} was the most`)
  }
}

/** A vendor received the caller's reference, or the clip of a character, or nothing. */
function checkReference({ generation, asked, renders }: Case, blame: Blame): void {
  for (const { fidelity, upstream_id: upstreamId } of generation.attempts) {
    const render = renders.find(({ id }) => id === upstreamId)
    if (render === undefined || asked === undefined) continue
    const due = asked.reference ?? (fidelity === 'reference' ? 'video' : null)
    const shown = render.reference?.kind ?? null
    if (shown !== due)
      blame('reference', `${render.id} was shown ${shown ?? 'nothing'}, not ${due ?? 'nothing'}`)
  }
}
