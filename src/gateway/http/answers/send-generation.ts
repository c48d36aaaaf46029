import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { View } from '../../domain/accounts/view.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import { matchesEtag } from './range.ts'
import { toGenerationDto } from '../schemas/generations/generation.ts'

/** An answer, as JSON, and its tag, which names every answer with these bytes and no other. */
interface Rendered {
  text: string
  etag: string
}

/** 132 bits. */
const tagLength = 22

/** By the object: the store has another one for each version of a generation. */
const rendered = new WeakMap<Generation, Map<View, Rendered>>()

/**
 * Answers GET for a generation as a key with this view sees it: 200 or 304. The text is made once for each object and view. One
 * that names an expected start, which moves with the queue, is made anew each time.
 */
export function sendGeneration(
  shown: { generation: Generation; view: View; startsAt: number | null },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { text, etag } = shown.startsAt === null ? renderOnce(shown) : render(shown)
  // It may change at any time, and who sees how much of it depends on the key.
  reply.header('etag', etag).header('cache-control', 'private, no-cache')
  if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type('application/json; charset=utf-8').send(text)
}

function renderOnce({ generation, view }: { generation: Generation; view: View }): Rendered {
  const known = rendered.get(generation) ?? new Map<View, Rendered>()
  const answer = known.get(view) ?? render({ generation, view, startsAt: null })
  rendered.set(generation, known.set(view, answer))
  return answer
}

function render({ generation, view, startsAt }: Parameters<typeof sendGeneration>[0]): Rendered {
  const text = JSON.stringify(toGenerationDto(generation, view, startsAt))
  return { text, etag: `"${hash('sha256', text, 'base64url').slice(0, tagLength)}"` }
}
