import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { View } from '../../domain/accounts/view.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { SignedAddresses } from '../../services/generations/signed-addresses.ts'
import { keepAsItIs } from './compress-json.ts'
import { matchesEtag } from './range.ts'
import { toGenerationDto } from '../schemas/generations/generation.ts'

/** An answer, as JSON, and its tag, which names every answer with these bytes and no other. */
interface Rendered {
  text: string
  etag: string
  /** When the signed addresses in it end, in ms since the epoch; null where it has none. */
  addressEnd: number | null
}

interface Shown {
  generation: Generation
  view: View
  startsAt: number | null
  /** Null for a caller who gets none. */
  addresses: SignedAddresses | null
}

/** 132 bits. */
const tagLength = 22

/** By the object: the store has another one for each version of a generation. */
const rendered = new WeakMap<Generation, Map<View | 'signed', Rendered>>()

/**
 * Answers GET for a generation as a key with this view sees it: 200 or 304. The text is made once for each object and view, and
 * again when its signed addresses would be others. One that names an expected start, which moves with the queue, is made anew
 * each time.
 */
export function sendGeneration(shown: Shown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { text, etag, addressEnd } = shown.startsAt === null ? renderOnce(shown) : render(shown)
  // It may change at any time, and who sees how much of it depends on the key.
  reply.header('etag', etag).header('cache-control', 'private, no-cache')
  if (addressEnd !== null) keepAsItIs(reply)
  if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type('application/json; charset=utf-8').send(text)
}

function renderOnce(shown: Shown): Rendered {
  const { generation, view, addresses } = shown
  const known = rendered.get(generation) ?? new Map<View | 'signed', Rendered>()
  const face = addresses === null ? view : 'signed'
  const last = known.get(face)
  if (last !== undefined && last.addressEnd === endOf(shown)) return last
  const answer = render(shown)
  rendered.set(generation, known.set(face, answer))
  return answer
}

function endOf({ generation, addresses }: Shown): number | null {
  return generation.video === null || addresses === null ? null : addresses.end()
}

function render(shown: Shown): Rendered {
  const { generation, view, startsAt, addresses } = shown
  const text = JSON.stringify(toGenerationDto(generation, view, startsAt, addresses))
  const etag = `"${hash('sha256', text, 'base64url').slice(0, tagLength)}"`
  return { text, etag, addressEnd: endOf(shown) }
}
