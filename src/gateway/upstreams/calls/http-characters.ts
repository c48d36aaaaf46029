import type { Json } from '../../domain/json.ts'
import type { CharacterOutcome } from '../../domain/attempts/outcome.ts'
import type { CreateCharacterRequest, NoteExchange } from '../../ports/upstream.ts'
import type { Dialect } from '../dialect.ts'
import type { Told } from './exchange-note.ts'
import { followed, withoutAnswer } from './follow-up.ts'
import type { UpstreamTimeouts } from '../settings.ts'

/** Creates a character with the calls of a dialect, and polls one that is being created. */
export function createHttpCharacters(
  character: Dialect['character'],
  told: Told,
  timeouts: Pick<UpstreamTimeouts, 'createMs' | 'pollMs'>,
) {
  async function create(request: CreateCharacterRequest, note?: NoteExchange): Promise<CharacterOutcome> {
    if (character === null) return { type: 'invalid', message: 'The upstream does not store characters.' }
    const call = character.encode(request)
    const send = told('character', note, shownUrls(request))
    const result = await send(call, timeouts.createMs)
    const begun = result.type === 'answer' ? character.decode(result, request) : withoutAnswer(result)
    const outcome = await followed<CharacterOutcome>(send, begun, timeouts.createMs, withoutAnswer)
    // If the finished job is rejected, the clip may still be accepted.
    if (outcome.type === 'invalid' && request.fromJob !== null && character.takesJobs)
      return await create({ ...request, fromJob: null }, note)
    return outcome
  }

  async function poll(operation: Json, note?: NoteExchange): Promise<CharacterOutcome> {
    const calls = character?.poll ?? null
    if (calls === null)
      return { type: 'invalid', message: 'The upstream does not create characters as jobs.' }
    const send = told('character_poll', note)
    const result = await send(calls.encode(operation), timeouts.pollMs)
    const report = result.type === 'answer' ? calls.decode(result, operation) : withoutAnswer(result)
    return await followed<CharacterOutcome>(send, report, timeouts.pollMs, withoutAnswer)
  }

  return { create, poll }
}

function shownUrls({ clip, pictures = [] }: CreateCharacterRequest): string[] {
  return [...(clip === null ? [] : [clip]), ...pictures].map(({ url }) => url)
}
