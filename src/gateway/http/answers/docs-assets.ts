import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { matchesEtag } from './range.ts'

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
}

export interface Asset {
  contentType: string
  /** Quoted. */
  etag: string
  bytes: Buffer
}

/** One copy of the bytes serves every caller, however slowly each reads them. */
export function toAsset(contentType: string, bytes: Buffer): Asset {
  return { contentType, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`, bytes }
}

/** What the plugin makes itself is not among them: the page, and the script that starts it. */
const made = new Set(['index.html', 'swagger-initializer.js'])

/**
 * The files of Swagger UI by name, 2.5 MB, read once: served from the disk, each of any number of calls that need no key
 * would have a file open.
 */
export async function loadDocsAssets(): Promise<ReadonlyMap<string, Asset>> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static')
  const names = (await readdir(folder)).filter((name) => extname(name) in types && !made.has(name))
  const assets = names.map(async (name): Promise<[string, Asset]> => {
    const contentType = types[extname(name)] ?? 'application/octet-stream'
    return [name, toAsset(contentType, await readFile(join(folder, name)))]
  })
  return new Map(await Promise.all(assets))
}

/** Answers GET for an asset: 200 or 304. */
export function sendAsset({ contentType, etag, bytes }: Asset, request: FastifyRequest, reply: FastifyReply) {
  reply.headers({ etag, 'cache-control': 'public, max-age=3600', 'x-content-type-options': 'nosniff' })
  if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(contentType).send(bytes)
}
