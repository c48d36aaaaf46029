/** What the words of an answer to a create can say, beside its status. */
export const answerVerdicts = [
  'never_sent',
  'rejected',
  'upstream_down',
  'model_gone',
  'invalid',
  'elsewhere',
  'refused',
  'character_invalid',
] as const
export type AnswerVerdict = (typeof answerVerdicts)[number]

/** What a 5xx with a vendor's error body says about a create: nothing, or that it was definitely not accepted. */
export const serverErrorMeanings = ['unknown', 'rejected'] as const
export type ServerErrorMeaning = (typeof serverErrorMeanings)[number]

/** What a vendor's status word says about a job. `waiting` covers everything before the end. */
export const statusMeanings = ['waiting', 'completed', 'failed', 'refused', 'cancelled', 'expired'] as const
export type StatusMeaning = (typeof statusMeanings)[number]

/** Words of one upstream beside those that are known of all: codes or parts of sentences, and status words. */
export interface AnswerWords {
  says: Readonly<Partial<Record<AnswerVerdict, readonly string[] | undefined>>>
  words: Readonly<Partial<Record<StatusMeaning, readonly string[] | undefined>>>
}
