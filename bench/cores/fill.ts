import { join } from 'node:path'
import { z } from 'zod'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { aGeneration, anAttempt, generationId, mediaId, START } from '../../test/fixtures/generation.ts'
import { storedGenerations } from '../contenders.ts'
import type { Place, SetUp } from './set-ups.ts'

/** As many as are polled by turns. */
const polled = 500

const open = ({ inServer }: SetUp, { directory, databaseUrl }: Place) =>
  inServer ? openPostgres({ url: databaseUrl }) : openDatabase({ file: join(directory, 'understudy.db') })

/** Stores completed generations of the tenant `bench` before the set-up starts; their paths. */
export async function fill(setUp: SetUp, place: Place): Promise<string[]> {
  await using database = await open(setUp, place)
  const store = createGenerationStore(database)
  const ended = { endedAt: START + 90_000, dueAt: null, costMicros: 120_000, costState: 'settled' } as const
  const ids = Array.from({ length: polled }, (_, at) => generationId(at + 1))
  await Promise.all(
    ids.map((id, at) =>
      store.insert(
        aGeneration({
          id,
          tenant: 'bench',
          key: 'bench',
          status: 'completed',
          progress: 100,
          attempts: [
            anAttempt({
              ...ended,
              id: `att_${id.slice(4)}`,
              state: 'succeeded',
              delivered: true,
              progress: 100,
            }),
          ],
          video: {
            mediaId: mediaId(at + 1),
            contentType: 'video/mp4',
            bytes: 2_000_000,
            sha256: 'a'.repeat(64),
            durationSeconds: 10,
            width: 1280,
            height: 720,
            expiredAt: null,
          },
          completedAt: START + 90_000,
          nextAttemptAt: null,
          dueAt: null,
        }),
        {
          entries: [],
          idempotency: null,
          limits: { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null },
        },
      ),
    ),
  )
  return ids.map((id) => `/generations/${id}`)
}

const Counted = z.tuple([z.object({ count: z.coerce.number() })])

/** Throws where fewer are stored than were there and have been acknowledged since. */
export async function checkStored({ inServer }: SetUp, place: Place, accepted: number): Promise<void> {
  const { postgres, databaseUrl, directory } = place
  const stored = inServer
    ? Counted.parse(await postgres.query(databaseUrl, 'select count(*) from generations'))[0].count
    : storedGenerations(directory)
  if (stored < polled + accepted) throw new Error(`${accepted} were accepted, ${stored - polled} are stored`)
}
