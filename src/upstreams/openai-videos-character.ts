import type { CharacterOutcome } from '../domain/outcome.ts'
import type { CharacterRequest } from '../ports/upstream.ts'
import { characterVerdict } from './answers/character-verdict.ts'
import { parseJson } from './answers/json-body.ts'
import type { ReceivedAnswer } from './dialect.ts'
import { characterSchema } from './openai-videos-wire.ts'
import type { ApiCall } from './transport/transport.ts'

/** POST /videos/characters, multipart `name` (1-80) and `video` (official-api.md §2.10). It takes no finished job. */
export function characterCall({ name, clip }: CharacterRequest): ApiCall {
  const parts = [
    { name: 'name', value: name.slice(0, 80) },
    { name: 'video', file: clip },
  ]
  return { method: 'POST', path: '/videos/characters', body: { type: 'multipart', parts } }
}

/** The handle is the id, which may be null in the schema: such a character exists and cannot be named. */
export function decodeCharacter(
  answer: ReceivedAnswer,
  request: CharacterRequest,
  createServerError: 'unknown' | 'rejected',
): CharacterOutcome {
  if (answer.status >= 200 && answer.status < 300) {
    const id = characterSchema.safeParse(parseJson(answer.body)).data?.id
    if (id !== undefined) return { type: 'ready', handle: id }
  }
  const echoes = [request.description]
  return characterVerdict(answer, { createServerError, echoes, receivedAt: answer.receivedAt })
}
