import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { cutIdOf } from '../../src/gateway/services/characters/character-sources.ts'
import { createSweep, type SweepDeps } from '../../src/gateway/services/media/sweep-archive.ts'
import { createCharacterStore } from '../../src/gateway/storage/characters/character-store.ts'
import { createComparisonStore } from '../../src/gateway/storage/characters/comparison-store.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { unnamedIn } from '../../src/gateway/storage/media/unnamed-media.ts'
import { createMediaReferences } from '../../src/gateway/storage/media/media-references.ts'
import { aCell, aComparison } from '../fixtures/comparison.ts'
import { aCharacter, aCharacterClip, aGeneration, anAttempt } from '../fixtures/generation.ts'
import { mediaId } from '../contract/media-archive-builders.ts'
import { aSpec, aVideo } from '../domain/builders.ts'

const hour = 3600_000
const logger = createLogger('fatal', { write: () => undefined })
const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const spec: UpstreamSpec = aSpec({ characterClip: { minSeconds: 1, maxSeconds: 3 } })

const kinds = [
  'orphan',
  'orphaned picture',
  'video',
  'reference',
  'download in hand',
  'download of an ended attempt',
  'character',
  'cut of a character that is gone',
  'comparison',
] as const

async function open(file: string, directory: string, held: number | null = null) {
  const database = await openDatabase({ file })
  const archive = await createFileArchive({ directory })
  const deps: SweepDeps = {
    listing: archive.listing,
    references: createMediaReferences(database, (ids, signal) => unnamedIn(file, ids, signal)),
    archive,
    directory: { all: () => [{ spec }] },
    hold: { since: () => held },
    clock: { now: () => now },
    logger,
  }
  let now = Date.now()
  const sweep = createSweep(deps)
  return {
    database,
    async pass() {
      now += 2 * hour
      while ((await sweep(new AbortController().signal)) > 0);
    },
    async close() {
      archive.close()
      await database.close()
    },
  }
}

async function lay(directory: string, name: string): Promise<string> {
  const part = name.slice('media_'.length + 24, 'media_'.length + 26)
  await mkdir(join(directory, part), { recursive: true })
  await writeFile(join(directory, part, name), 'x')
  return name
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).toSorted()
}

t.test('whatever was recorded, all that a record needs stays and all else goes', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'understudy-sweep-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...kinds), { maxLength: 25 }), async (history) => {
      const directory = join(root, `media-${++runs}`)
      const world = await open(join(root, `${runs}.db`), directory)
      const { database } = world
      const generations = createGenerationStore(database)
      const characters = createCharacterStore(database)
      const comparisons = createComparisonStore(database)
      const keep: string[] = []
      const insert = (more: Partial<Generation>) =>
        generations.insert(aGeneration(more), { entries: [], idempotency: null, limits: unlimited })
      for (const [index, kind] of history.entries()) {
        const id = mediaId()
        const attempt = anAttempt({ id: `att_${id.slice('media_'.length)}`, state: 'archiving' })
        const character = aCharacter({ name: `c${index}`, clip: aCharacterClip({ mediaId: id }) })
        const own =
          kind === 'orphaned picture'
            ? [`${id}.thumbnail.webp`, `${id}.poster.webp`]
            : [id, `${id}.strip.webp`]
        if (kind === 'cut of a character that is gone') own.push(cutIdOf(spec, id))
        if (kind === 'character') own.push(cutIdOf(spec, id))
        for (const name of own) await lay(directory, name)
        switch (kind) {
          case 'video':
            await insert({ video: aVideo({ mediaId: id }), status: 'completed', dueAt: null })
            break
          case 'reference': {
            const { request } = aGeneration()
            const reference = {
              mediaId: id,
              kind: 'video',
              contentType: 'video/mp4',
              influence: null,
            } as const
            await insert({ request: { ...request, reference } })
            break
          }
          case 'download in hand':
            await insert({ attempts: [attempt] })
            break
          case 'download of an ended attempt':
            await insert({ attempts: [{ ...attempt, state: 'failed', endedAt: 1, dueAt: null }] })
            continue
          case 'character':
            await characters.insert(character)
            break
          case 'comparison':
            await comparisons.insert(aComparison({ cells: [aCell(index, { mediaId: id })] }))
            break
          case 'orphan':
          case 'orphaned picture':
          case 'cut of a character that is gone':
            continue
        }
        keep.push(...own)
      }
      await world.pass()
      const left = await filesIn(directory)
      await world.close()
      return JSON.stringify(left) === JSON.stringify(keep.toSorted())
    }),
    { numRuns: 20 },
  )
})

t.test('files from before the database, and files beside a restored one, stay', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'understudy-sweep-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const [directory, file] = [join(root, 'media'), join(root, 'a.db')]
  const older = await lay(directory, mediaId())
  const first = await open(file, directory)
  await lay(directory, mediaId())
  await lay(directory, 'notes.txt')
  await first.pass()
  t.same(await filesIn(directory), [older, 'notes.txt'].toSorted())
  await first.close()
  const newer = await lay(directory, mediaId())
  const restored = await open(file, directory, 1)
  await restored.pass()
  t.same(await filesIn(directory), [older, newer, 'notes.txt'].toSorted())
  await restored.close()
})
