import type { Blame, Case } from './case.ts'
import { finalStatuses } from './shown.ts'

/** The log of an ended generation contains every event once, in order, and matches what the API shows. */
export function checkHistory({ generation, events }: Case, blame: Blame): void {
  if (events === null) return
  if (events.some(({ seq }, index) => seq !== index + 1)) {
    blame('history', `numbers of events: ${events.map(({ seq }) => seq).join(' ')}`)
  }
  if (events[0]?.type !== 'generation.queued') blame('history', `begins with ${events[0]?.type}`)
  const ends = events.filter(({ type }) => finalStatuses.has(type.replace('generation.', '')))
  if (ends.length !== 1 || ends[0]?.type !== `generation.${generation.status}`) {
    blame('history', `is ${generation.status}, and was told ${ends.map(({ type }) => type).join(', ')}`)
  }
  for (const { id, state } of generation.attempts) {
    const own = events.filter(({ attempt }) => attempt === id)
    const times = (type: string): number => own.filter((event) => event.type === `attempt.${type}`).length
    if (times('started') !== 1) blame('history', `${id} was started ${times('started')} times`)
    if (times('submitting') > 1 + times('rebinding')) {
      blame('history', `${id} was submitted ${times('submitting')} times`)
    }
    if (times('accepted') > 1) blame('history', `${id} was accepted ${times('accepted')} times`)
    const told = state === 'succeeded' || state === 'failed'
    if (told !== (times('succeeded') + times('failed') === 1)) {
      blame('history', `the end of ${id} (${state}) was told ${times('succeeded') + times('failed')} times`)
    }
  }
  const refused = events.findIndex(({ type, code }) => type === 'attempt.failed' && code === 'refused')
  if (refused >= 0 && events.slice(refused).some(({ type }) => type === 'attempt.started')) {
    blame('refusal', 'another attempt was started after a refusal')
  }
}
