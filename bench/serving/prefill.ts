import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { placeOf } from '../../src/gateway/media/archive/archive-files.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, anAttempt, generationId, mediaId, START } from '../../test/fixtures/generation.ts'

export interface Prefilled {
  /** Paths of the gateway. */
  generation: string
  video: string
  /** The archived file. */
  file: string
  bytes: number
}

const pieceBytes = 1024 * 1024

/** Writes a database and an archive with one completed generation of the tenant `bench`, whose video has `megabytes`. */
export async function prefill(directory: string, megabytes: number): Promise<Prefilled> {
  const id = generationId(1)
  const media = mediaId(1)
  const file = join(directory, 'media', placeOf(media))
  const bytes = megabytes * pieceBytes
  const video = {
    mediaId: media,
    contentType: 'video/mp4',
    bytes,
    sha256: await writeFile(file, megabytes),
    durationSeconds: 10,
    width: 1280,
    height: 720,
    expiredAt: null,
  }
  const ended = { endedAt: START + 90_000, dueAt: null, costMicros: 120_000, costState: 'settled' } as const
  await using database = await openDatabase({ file: join(directory, 'understudy.db') })
  const inserted = await createGenerationStore(database).insert(
    aGeneration({
      id,
      tenant: 'bench',
      key: 'bench',
      status: 'completed',
      progress: 100,
      attempts: [anAttempt({ ...ended, state: 'succeeded', delivered: true, progress: 100 })],
      video,
      completedAt: START + 90_000,
      nextAttemptAt: null,
      dueAt: null,
    }),
    {
      entries: [],
      idempotency: null,
      limits: { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null },
    },
  )
  if (inserted.type !== 'inserted') throw new Error(`the generation was not stored: ${inserted.type}`)
  return { generation: `/generations/${id}`, video: `/generations/${id}/video`, file, bytes }
}

/** Its SHA-256 in hex. */
async function writeFile(path: string, pieces: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  const piece = randomBytes(pieceBytes)
  const hash = createHash('sha256')
  await using file = await open(path, 'w')
  for (let count = 0; count < pieces; count++) {
    hash.update(piece)
    await file.write(piece)
  }
  return hash.digest('hex')
}
