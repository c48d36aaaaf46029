import { readFile, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { negotiate } from '@fastify/accept-negotiator'
import { toAsset } from '../answers/docs-assets.ts'
import type { Asset } from '../answers/docs-assets.ts'

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
}

/** By content coding; `identity` is always there. */
type Codings = ReadonlyMap<string, Asset>

export interface ConsoleFiles {
  page: Codings
  /** By file name. */
  assets: ReadonlyMap<string, Codings>
}

const suffixes = { br: '.br', gzip: '.gz', identity: '' } as const

/** The variant to send to a caller who accepts these codings (RFC 9110 §12.5.3), and which coding it has. */
export function chooseCoding(
  codings: Codings,
  accepted: string | undefined,
): { coding: string; asset: Asset } {
  const coding = accepted === undefined ? null : negotiate(accepted, [...codings.keys()])
  const chosen = coding === null ? undefined : codings.get(coding)
  if (coding !== null && chosen !== undefined) return { coding, asset: chosen }
  const plain = codings.get('identity')
  if (plain === undefined) throw new Error('A file of the console has no plain variant. Build it again.')
  return { coding: 'identity', asset: plain }
}

async function codingsOf(folder: string, name: string, present: ReadonlySet<string>): Promise<Codings> {
  const contentType = types[extname(name)] ?? 'application/octet-stream'
  const variants = Object.entries(suffixes).filter(([, suffix]) => present.has(`${name}${suffix}`))
  return new Map(
    await Promise.all(
      variants.map(async ([coding, suffix]): Promise<[string, Asset]> => [
        coding,
        toAsset(contentType, await readFile(join(folder, `${name}${suffix}`))),
      ]),
    ),
  )
}

/** A folder that cannot be read for another reason is no console that was never built. */
function noneIfMissing(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
  throw error
}

/**
 * The built console, about 1.5 MB, read once: served from the disk, each of any number of calls that need no key would have a
 * file open. Null if it was never built.
 */
export async function loadConsoleFiles(folder: string): Promise<ConsoleFiles | null> {
  const root = new Set(await readdir(folder).catch(noneIfMissing))
  if (!root.has('index.html')) return null
  const inAssets = join(folder, 'assets')
  const present = new Set(await readdir(inAssets))
  const names = [...present].filter((name) => !['.br', '.gz'].includes(extname(name)))
  const assets = names.map(async (name): Promise<[string, Codings]> => [
    name,
    await codingsOf(inAssets, name, present),
  ])
  return { page: await codingsOf(folder, 'index.html', root), assets: new Map(await Promise.all(assets)) }
}
