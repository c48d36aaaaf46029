import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Random } from '../../test/chaos/random.ts'
import type { Kind } from './mix.ts'
import { fateOf, promptOf } from './orders.ts'
import { adminKey, models } from './stage.ts'
import type { Known, World } from './world.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  secret: string
  headers?: Record<string, string>
  body?: string
  expects: readonly number[]
  /** Throws if the answer is not what it must be. */
  check?: (answer: Answer) => void
  /** A stream that is left after this many milliseconds if it has not ended. */
  leaveAfterMs?: number
}

const Accepted = z.object({ id: z.string() })
const Shown = z.object({ id: z.string(), status: z.string() })
const etags = new WeakMap<Known, string>()

/** Most readers look at what is new. */
function someone(world: World, random: Random): Known | undefined {
  return random.chance(0.7) ? world.known.pick(random.next(), 100) : world.known.pick(random.next())
}

function create(world: World, random: Random): Call {
  const number = world.nextNumber++
  const fate = fateOf(number)
  const key = random.pick(world.keys)
  const ownCast = world.characters.filter((character) => character.key.tenant === key.tenant)
  const character = ownCast.length > 0 && random.chance(0.05) ? random.pick(ownCast).name : null
  const isOwed = random.chance(0.5)
  const idempotencyKey = random.chance(0.5) ? randomUUID() : null
  const body = JSON.stringify({
    prompt: promptOf(number, fate, character),
    model: character === null ? random.pick(models) : 'sora-2',
    duration: random.pick([5, 10]),
    routing: { priority: 'cost', fallback: true },
    metadata: { scene: `scene-${number % 500}`, project: 'spring' },
    ...(isOwed && { webhook_url: `${world.receiver}/told` }),
  })
  return {
    method: 'POST',
    path: '/generate',
    secret: key.secret,
    ...(idempotencyKey !== null && { headers: { 'idempotency-key': idempotencyKey } }),
    body,
    expects: [202],
    check({ text }) {
      const { id } = Accepted.parse(JSON.parse(text))
      const known = { id, number, key }
      world.known.add(known)
      world.accepted[fate]++
      if (isOwed) world.owed.set(id, known)
      if (idempotencyKey !== null) world.repeatable.add({ id, key, idempotencyKey, body })
    },
  }
}

function repeat(world: World, random: Random): Call | undefined {
  const earlier = world.repeatable.pick(random.next(), 100)
  if (earlier === undefined) return undefined
  return {
    method: 'POST',
    path: '/generate',
    secret: earlier.key.secret,
    headers: { 'idempotency-key': earlier.idempotencyKey },
    body: earlier.body,
    expects: [202],
    check({ text }) {
      const { id } = Accepted.parse(JSON.parse(text))
      if (id !== earlier.id) throw new Error(`a repeated create made ${id} beside ${earlier.id}`)
    },
  }
}

function read(world: World, known: Known, query = ''): Call {
  return {
    method: 'GET',
    path: `/generations/${known.id}${query}`,
    secret: known.key.secret,
    expects: [200],
    check({ text, headers: { etag } }) {
      if (Shown.parse(JSON.parse(text)).status === 'completed') world.completed.add(known)
      if (typeof etag === 'string') etags.set(known, etag)
    },
  }
}

function unchanged(known: Known): Call {
  const etag = etags.get(known)
  return {
    method: 'GET',
    path: `/generations/${known.id}`,
    secret: known.key.secret,
    ...(etag !== undefined && { headers: { 'if-none-match': etag } }),
    expects: etag === undefined ? [200] : [200, 304],
    check({ headers }) {
      if (typeof headers['etag'] === 'string') etags.set(known, headers['etag'])
    },
  }
}

function video({ id, key }: Known, random: Random): Call {
  const isPart = random.chance(0.5)
  return {
    method: 'GET',
    path: `/generations/${id}/video`,
    secret: key.secret,
    ...(isPart && { headers: { range: 'bytes=0-1023' } }),
    expects: [isPart ? 206 : 200],
  }
}

const lists = ['', '&status=completed', '&status=in_progress', '&model=kling-2', '&fields=summary'] as const

/** A call of this kind; undefined while there is nothing that it could be about. */
export function callOf(kind: Kind, world: World, random: Random): Call | undefined {
  const { secret } = random.pick(world.keys)
  const get = (path: string): Call => ({ method: 'GET', path, secret, expects: [200] })
  const post = (path: string, body: object, status: number): Call => ({
    method: 'POST',
    path,
    secret,
    body: JSON.stringify(body),
    expects: [status],
  })
  const about = (known: Known | undefined, call: (known: Known) => Call) => known && call(known)
  const anyone = () => someone(world, random)
  const completed = () => world.completed.pick(random.next())
  const newest = () => world.known.pick(random.next(), 20)
  switch (kind) {
    case 'create':
      return create(world, random)
    case 'repeat':
      return repeat(world, random)
    case 'read':
      return about(anyone(), (known) => read(world, known))
    case 'unchanged':
      return about(anyone(), unchanged)
    case 'list':
      return get(`/generations?limit=20${random.pick(lists)}`)
    case 'counts':
      return get('/generations/counts')
    case 'usage':
      return get('/usage')
    case 'statistics':
      return { ...get('/statistics'), secret: adminKey }
    case 'route':
      return post('/route', { prompt: 'A paper boat sails.', model: random.pick(models), duration: 10 }, 200)
    case 'estimate':
      return post('/estimates', { count: 500, duration: 10 }, 200)
    case 'video':
      return about(completed(), (known) => video(known, random))
    case 'thumbnail':
      return about(completed(), ({ id, key }) => ({
        ...get(`/generations/${id}/thumbnail`),
        secret: key.secret,
      }))
    case 'deliveries':
      return about(anyone(), ({ id, key }) => ({
        ...get(`/generations/${id}/deliveries`),
        secret: key.secret,
      }))
    case 'characters': {
      const character =
        random.chance(0.5) && world.characters.length > 0 ? random.pick(world.characters) : null
      if (character === null) return get('/characters?limit=20')
      return { ...get(`/characters/${character.id}`), secret: character.key.secret }
    }
    case 'models':
      return get('/models')
    case 'upstreams':
      return get('/upstreams')
    case 'cancel':
      return about(newest(), ({ id, key }) => {
        world.cancels.add(id)
        return { method: 'POST', path: `/generations/${id}/cancel`, secret: key.secret, expects: [200] }
      })
    case 'follow':
      return about(newest(), ({ id, key }) => ({
        ...get(`/generations/${id}/events`),
        secret: key.secret,
        leaveAfterMs: random.int(1000, 12_000),
      }))
    case 'wait':
      return about(newest(), (known) => read(world, known, `?wait=${random.int(1, 8)}`))
    case 'invalid':
      return post('/generate', { prompt: '', duration: -1 }, 400)
    case 'missing':
      return { ...get('/generations/gen_00000000000000000000000000'), expects: [404] }
  }
}
