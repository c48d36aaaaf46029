import type { Json } from '../../domain/json.ts'
import type { CharacterOutcome } from '../../domain/attempts/outcome.ts'
import type { CreateCharacterRequest } from '../../ports/upstream.ts'
import { characterFailure, characterVerdict, unreadCharacter } from '../answers/verdicts/character-verdict.ts'
import type { Refine } from '../answers/verdicts/create-verdict.ts'
import { parseJson } from '../answers/json-body.ts'
import { pollAfter } from '../transport/retry-after.ts'
import { wireId, wireText } from '../answers/wire-fields.ts'
import type { Dialect, FollowUp, ReceivedAnswer } from '../dialect.ts'
import { askingCall, buildCall } from './build-call.ts'
import type { CallFiles } from './build-call.ts'
import { characterValues } from './create-values.ts'
import { statusOf } from './described-poll.ts'
import type { CharacterPollPart, CharacterResultPart, Maker } from './description/description-calls.ts'
import type { Description } from './description/description-parts.ts'
import { firstOf, isTrue } from './expressions/expression.ts'
import type { Expression, Values } from './expressions/expression.ts'
import { jobIdOf, keptOf, operationOf, operationValues } from './operation.ts'
import { wordsOf } from './expressions/words.ts'
import type { Words } from './expressions/words.ts'
import type { ServerErrorMeaning } from '../../domain/routing/answer-words.ts'

interface CharacterRules {
  createServerError: ServerErrorMeaning
  refine: Refine
  read: (answer: ReceivedAnswer) => ReceivedAnswer
  explained: (answer: ReceivedAnswer) => ReceivedAnswer
}

/** The calls that create a character; null if the description has none. */
export function describedCharacters(
  characters: NonNullable<Description['characters']>,
  rules: CharacterRules,
): Dialect['character'] {
  const { create, from_job: fromJob, poll, result } = characters
  if (create === undefined) return null
  const plan = (request: CreateCharacterRequest): { maker: Maker; values: Values } => {
    const job = jobIdOf(request.fromJob)
    const values = characterValues(request)
    return job === null || fromJob === undefined
      ? { maker: create, values }
      : { maker: fromJob, values: { ...values, ...operationValues(request.fromJob), job } }
  }
  return {
    takesJobs: fromJob !== undefined,
    encode(request) {
      const { maker, values } = plan(request)
      return makingCall(maker.before ?? maker, values, request)
    },
    decode(answer, request) {
      const { maker, values } = plan(request)
      const { before } = maker
      if (before === undefined) return decodeMade(maker, answer, { values, request, rules })
      const begun = rules.read(answer)
      if (begun.status >= 300) return verdict(begun, request, rules)
      const kept = keptOf(before.keep, parseJson(begun.body), values)
      if (kept === null) return verdict(begun, request, rules)
      const filled = { ...values, ...kept }
      return {
        type: 'follow_up',
        call: makingCall(maker, filled, request),
        decode: (second) => decodeMade(maker, second, { values: filled, request, rules }),
      } satisfies FollowUp<CharacterOutcome>
    },
    poll: poll === undefined ? null : describedCharacterPoll(poll, result, rules),
  }
}

/** The handle, or the job that will return one, or why there is neither. */
function decodeMade(
  { handle, id, keep }: Maker,
  received: ReceivedAnswer,
  { values, request, rules }: { values: Values; request: CreateCharacterRequest; rules: CharacterRules },
): CharacterOutcome {
  const answer = rules.read(received)
  if (answer.status >= 200 && answer.status < 300) {
    const value = parseJson(answer.body)
    const found = handleOf(firstOf(handle ?? [], value, values))
    if (found !== undefined) return { type: 'ready', handle: found }
    const job = wireId.parse(firstOf(id ?? [], value, values))
    const operation = job === undefined ? null : operationOf(job, keep, value, values)
    if (operation !== null)
      return { type: 'pending', operation, retryAfterMs: pollAfter(answer.headers, answer.receivedAt) }
  }
  return verdict(answer, request, rules)
}

/** Text or an integer. `to_string(null)` is the text "null", which is not a handle. */
function handleOf(value: Json): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  return text === 'null' ? undefined : wireText.parse(text)
}

type CharacterPoll = NonNullable<NonNullable<Dialect['character']>['poll']>

function describedCharacterPoll(
  poll: CharacterPollPart,
  result: CharacterResultPart | undefined,
  rules: CharacterRules,
): CharacterPoll {
  const words = wordsOf(poll.words)
  const { refine } = rules
  return {
    encode: (operation) => askingCall(poll, operationValues(operation)),
    decode(received, operation) {
      const answer = rules.read(received)
      const asked = operationValues(operation)
      if (answer.status === 404 && poll.pending_when_missing) return pendingAfter(answer, operation)
      const word = statusOf(firstOf(poll.status ?? [], parseJson(answer.body), asked))
      const meaning = words.meaningOf(word ?? '')
      const isAbout = poll.status === undefined || word !== undefined
      const ended = endOf(isAbout ? poll : { handle: poll.handle }, answer, { meaning, asked, refine })
      if (ended !== null) return ended
      if (meaning !== 'completed' || result === undefined) return pendingAfter(answer, operation)
      return {
        type: 'follow_up',
        call: askingCall(result, asked),
        decode(second) {
          const last = rules.read(second)
          return endOf(result, last, { meaning: null, asked, refine }) ?? pendingAfter(last, operation)
        },
      }
    },
  }
}

/** The handle, or why there will be none; null while neither is known. */
function endOf(
  part: Pick<CharacterPollPart, 'handle' | 'failed_when' | 'failure'>,
  answer: ReceivedAnswer,
  { meaning, asked, refine }: { meaning: ReturnType<Words['meaningOf']>; asked: Values; refine: Refine },
): CharacterOutcome | null {
  const value = parseJson(answer.body)
  if (answer.status >= 300 || value === undefined) return unreadCharacter(answer)
  const take = (from: readonly Expression[] | undefined) => firstOf(from ?? [], value, asked)
  const handle = handleOf(take(part.handle))
  if (handle !== undefined) return { type: 'ready', handle }
  const reason = take(part.failure) ?? value
  const failure = characterFailure(reason, 'The upstream did not create the character.', refine)
  if (meaning === 'refused') return { type: 'refused', message: failure.message }
  const hasFailed = meaning === 'failed' || meaning === 'cancelled' || meaning === 'expired'
  return hasFailed || isTrue(take(part.failed_when)) ? failure : null
}

function pendingAfter(answer: ReceivedAnswer, operation: Json): CharacterOutcome {
  return { type: 'pending', operation, retryAfterMs: pollAfter(answer.headers, answer.receivedAt) }
}

function makingCall(
  maker: Maker | NonNullable<Maker['before']>,
  values: Values,
  request: CreateCharacterRequest,
) {
  const call = buildCall(maker, values, filesOf(request))
  if (call === null) throw new Error('A described call for a character has a path with a missing value.')
  return call
}

function verdict(
  answer: ReceivedAnswer,
  request: CreateCharacterRequest,
  { createServerError, refine, explained }: CharacterRules,
): CharacterOutcome {
  const { receivedAt } = answer
  const echoes = [request.description]
  return characterVerdict(explained(answer), { createServerError, echoes, receivedAt, refine })
}

function filesOf({ clip, pictures = [] }: CreateCharacterRequest): CallFiles {
  return clip === null ? { named: {}, all: pictures } : { named: { clip }, all: [clip, ...pictures] }
}
