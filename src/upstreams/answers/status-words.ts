/** What a vendor's status word says about a job. `waiting` covers everything before the end. */
export type StatusMeaning = 'waiting' | 'completed' | 'failed' | 'cancelled' | 'expired'

/** The synonyms that relays were seen to use (reverse-dialects.md §3.2, official-api.md §2.3 and §6.1). */
const meanings: [words: string, meaning: StatusMeaning][] = [
  [
    'queued pending submitted not_start preparing unknown created starting waiting queuing in_queue',
    'waiting',
  ],
  ['processing in_progress running generating', 'waiting'],
  ['completed complete success succeeded finished', 'completed'],
  ['failed failure fail error', 'failed'],
  ['cancelled canceled aborted deleted', 'cancelled'],
  ['expired', 'expired'],
]

const byWord = new Map(
  meanings.flatMap(([words, meaning]) => words.split(' ').map((word) => [word, meaning])),
)

/** Null for a word nobody has written down yet: such a job is taken to be running. */
export function meaningOf(word: string): StatusMeaning | null {
  return byWord.get(word.trim().toLowerCase().replaceAll(/[\s-]/g, '_')) ?? null
}
