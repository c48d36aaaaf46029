import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { Negotiator } from '@fastify/accept-negotiator'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { addVary } from './add-vary.ts'

/** Below this, headers weigh more than what is saved. */
const leastBytes = 1024

/**
 * Routes whose answers may hold a secret (of a key, of webhooks, of a session, in a signed link, in a receiver's address)
 * beside text that others chose: the length of a compressed answer would tell, guess by guess, what the secret is (BREACH).
 */
const secretRoutes =
  /^\/(?:keys|webhook-secrets|event-tickets|console\/sessions?|comparisons|deliveries)(?:\/|$)|\/deliveries$/

export function mayCompress(routeUrl: string): boolean {
  return !secretRoutes.test(routeUrl)
}

const encoders = {
  // 4 of 11: smaller than gzip's default in the same time (25 generations: 65 kB to 1.7 kB in 1.2 ms).
  br: (bytes: Buffer) => brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (bytes: Buffer) => gzipped(bytes),
}
const brotli = promisify(brotliCompress)
const gzipped = promisify<Buffer, Buffer>(gzip)

type Encoding = keyof typeof encoders
const negotiator = new Negotiator<Encoding | 'identity'>({ supportedValues: ['br', 'gzip', 'identity'] })

/** The encoding that the caller likes best, br before gzip; null for none. */
export function encodingFor(accepted: string): Encoding | null {
  const header = accepted.toLowerCase()
  const best = negotiator.negotiate(header)
  if (best === null || best === 'identity') return null
  // The negotiator reads `*` as its first encoding, also where that one is ruled out.
  const isRefused = new RegExp(`(?:^|[\\s,])${best}\\s*;\\s*q=0(?:\\.0*)?(?:$|[\\s,])`).test(header)
  return isRefused ? null : best
}

/** Nobody, a proxy included, may send what it says in another encoding (RFC 9111 §5.2.2.6). */
const keptAsItIs = 'no-transform'

/** For an answer that holds a secret, on a route where others do not: as on `secretRoutes`, its length tells nothing. */
export function keepAsItIs(reply: FastifyReply): void {
  reply.header('cache-control', `private, no-cache, ${keptAsItIs}`)
}

function isKeptAsItIs(reply: FastifyReply): boolean {
  const control = reply.getHeader('cache-control')
  return typeof control === 'string' && control.endsWith(keptAsItIs)
}

function isLongJson(reply: FastifyReply, payload: unknown): payload is string | Buffer {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return false
  const type = reply.getHeader('content-type')
  if (typeof type !== 'string' || !/^application\/(?:[\w.-]+\+)?json(?:$|[\s;])/.test(type)) return false
  return Buffer.byteLength(payload) > leastBytes
}

/** Of answers that are the same object each time, such as the API document. */
const made = new WeakMap<Buffer, Map<Encoding, Buffer>>()

async function compressed(payload: string | Buffer, encoding: Encoding): Promise<Buffer> {
  if (typeof payload === 'string') return encoders[encoding](Buffer.from(payload))
  const known = made.get(payload) ?? new Map<Encoding, Buffer>()
  const bytes = known.get(encoding) ?? (await encoders[encoding](payload))
  made.set(payload, known.set(encoding, bytes))
  return bytes
}

/** The tag names the answer in every encoding, so it does not promise the same bytes. */
function weaken(reply: FastifyReply): void {
  const etag = reply.getHeader('etag')
  if (typeof etag === 'string' && etag.startsWith('"')) reply.header('etag', `W/${etag}`)
}

/** The answers in JSON that have a tag. Tags of media stay strong: these are sent as they are. */
const tagged: ReadonlySet<string | undefined> = new Set([
  '/openapi.json',
  '/docs/*',
  '/generations/:id',
  '/problems',
  '/problems/:code',
])

/** A caller who has the compressed answer is told of it by its own tag. */
function weakenNotModified({ headers, routeOptions }: FastifyRequest, reply: FastifyReply): void {
  if (!tagged.has(routeOptions.url)) return
  const etag = reply.getHeader('etag')
  if (typeof etag === 'string' && headers['if-none-match']?.includes(`W/${etag}`) === true) weaken(reply)
}

async function sendCompressed(
  reply: FastifyReply,
  payload: string | Buffer,
  encoding: Encoding,
  done: (error: null, payload: string | Buffer) => void,
): Promise<void> {
  let bytes: Buffer
  try {
    bytes = await compressed(payload, encoding)
  } catch {
    done(null, payload)
    return
  }
  weaken(reply)
  reply.removeHeader('content-length').header('content-encoding', encoding)
  done(null, bytes)
}

/**
 * Compresses JSON answers of more than 1 kB for callers who accept it. Streams, media, and answers with secrets stay as they
 * are. Not `@fastify/compress`: loading it takes 130 ms of the second that start-up may take.
 */
export function compressJson(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode === 304) weakenNotModified(request, reply)
    const isSecret = isKeptAsItIs(reply) || !mayCompress(request.routeOptions.url ?? '')
    if (isSecret || !isLongJson(reply, payload)) {
      done(null, payload)
      return
    }
    addVary(reply, 'accept-encoding')
    const encoding = encodingFor(request.headers['accept-encoding'] ?? '')
    if (encoding === null) done(null, payload)
    else void sendCompressed(reply, payload, encoding, done)
  })
}
