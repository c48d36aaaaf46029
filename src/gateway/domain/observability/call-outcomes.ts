import type { ExchangeOperation } from '../attempts/exchange.ts'
import type { CancelOutcome, CharacterOutcome, CreateOutcome, JobReport } from '../attempts/outcome.ts'

function words<Word extends string>(each: Record<Word, true>): readonly string[] {
  return Object.keys(each)
}

const characterOutcomes = words<CharacterOutcome['type']>({
  ready: true,
  pending: true,
  never_sent: true,
  rejected: true,
  upstream_down: true,
  refused: true,
  invalid: true,
  unknown: true,
})

/** How a call to an upstream can end, by what it was for. The words are those of the outcomes themselves. */
export const callOutcomes: Readonly<Record<ExchangeOperation, readonly string[]>> = {
  create: words<CreateOutcome['type']>({
    accepted: true,
    never_sent: true,
    rejected: true,
    upstream_down: true,
    refused: true,
    invalid: true,
    character_invalid: true,
    unknown: true,
  }),
  poll: words<JobReport['type']>({
    running: true,
    completed: true,
    failed: true,
    refused: true,
    not_found: true,
    unreadable: true,
    unreachable: true,
  }),
  fetch: ['body', 'not_ready', 'unavailable', 'gone', 'not_media'],
  cancel: words<CancelOutcome['type']>({ cancelled: true, unsupported: true, not_cancelled: true }),
  list: ['listed', 'unsupported', 'unreachable'],
  character: characterOutcomes,
  character_poll: characterOutcomes,
}

/** Whether a call for this operation can end like this. */
export function endsWith({ operation, outcome }: Readonly<Record<string, string>>): boolean {
  return Object.entries(callOutcomes).some(
    ([name, outcomes]) => name === operation && outcomes.some((each) => each === outcome),
  )
}
