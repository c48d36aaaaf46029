import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CliError, exitCodes } from '../output/terminal.ts'
import { createFile, replaceFile } from './durable-file.ts'

const savedSeries = z.object({
  gateway: z.string(),
  /** The idempotency key, saved before the request is sent: repeating the request finds the same series. */
  idempotency_key: z.string(),
  body_sha256: z.string(),
  created_at: z.string(),
  /** Null until the gateway has answered. */
  series_id: z.string().nullable(),
  /** The key of a retry whose response has not arrived; otherwise null. */
  retry_key: z.string().nullable().default(null),
})

/** The saved state of a folder that receives the videos of a series. */
export type SavedSeries = z.output<typeof savedSeries>

const fileName = '.understudy-series.json'
const ownerOnly = 0o600

function pathIn(folder: string): string {
  return join(folder, fileName)
}

function textOf(saved: SavedSeries): string {
  return `${JSON.stringify(saved, null, 2)}\n`
}

/** Creates the folder and writes to it once, so that an error is found before anything is sent. */
export async function checkFolder(folder: string): Promise<void> {
  const probe = join(folder, `.understudy-check.${process.pid}`)
  try {
    await mkdir(folder, { recursive: true })
    await replaceFile(probe, 'check\n')
    await rm(probe)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new CliError(
      exitCodes.refused,
      `Cannot write to the folder ${folder}${reason}. Choose another one with --out.\nNothing was sent.`,
      error,
    )
  }
}

/** Null if the folder has no series. */
export async function readSaved(folder: string): Promise<SavedSeries | null> {
  const path = pathIn(folder)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new CliError(exitCodes.failed, `Cannot read ${path}.`, error)
  })
  if (text === null) return null
  const parsed = savedSeries.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new CliError(
    exitCodes.refused,
    `${path} is damaged. Choose another folder with --out, or start another series with --new.`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Creates and saves a key for a new request. If another run writes to the folder at the same moment, its state is kept
 * and returned.
 */
export async function beginSaved(
  folder: string,
  about: Pick<SavedSeries, 'gateway' | 'body_sha256'>,
): Promise<{ saved: SavedSeries; isNew: boolean }> {
  const saved = {
    ...about,
    idempotency_key: `cli-${randomUUID()}`,
    created_at: new Date().toISOString(),
    series_id: null,
    retry_key: null,
  }
  if (await createFile(pathIn(folder), textOf(saved), ownerOnly)) return { saved, isNew: true }
  const other = await readSaved(folder)
  return other === null ? beginSaved(folder, about) : { saved: other, isNew: false }
}

export async function updateSaved(folder: string, saved: SavedSeries): Promise<void> {
  await replaceFile(pathIn(folder), textOf(saved), ownerOnly)
}

/** Makes the next run create a new series. */
export async function forgetSaved(folder: string): Promise<void> {
  await rm(pathIn(folder), { force: true })
}
