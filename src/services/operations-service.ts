import type { Clock } from '../ports/clock.ts'
import type { GenerationStore } from '../ports/generation-store.ts'
import type { MediaArchive } from '../ports/media-archive.ts'
import type { MediaLinks } from '../ports/media-links.ts'
import type { OperationsService, Readiness } from './operations.ts'
import type { UpstreamGate } from './upstream-gate.ts'

type Check = Readiness['checks'][number]

export function createOperationsService(deps: {
  gate: UpstreamGate
  store: GenerationStore
  archive: MediaArchive
  links: MediaLinks
  clock: Clock
  /** Whether the workers of this process took a turn lately; null where it runs none. */
  workersAlive: () => boolean | null
}): OperationsService {
  const { gate, store, archive, links, clock, workersAlive } = deps

  return {
    upstreams: () => Promise.resolve(gate.views()),
    async readiness() {
      const checks = await Promise.all([
        check('storage', () => store.nextDueAt().then(() => null)),
        check('media', async () => ((await archive.writable()) ? null : 'The archive cannot be written.')),
        check('workers', () =>
          Promise.resolve(workersAlive() === false ? 'No worker took a turn lately.' : null),
        ),
        check('upstreams', () => {
          const open = gate.views().some(({ breakers }) => breakers.create.state !== 'open')
          return Promise.resolve(open ? null : 'Every upstream’s create breaker is open.')
        }),
      ])
      return { ready: checks.every(({ ok }) => ok), checks }
    },
    async sharedMedia(token) {
      const shared = links.verify(token, clock.now())
      const bytes = shared && (await archive.size(shared.mediaId))
      if (shared === null || bytes === null) return null
      return { contentType: shared.contentType, bytes, read: (range) => archive.read(shared.mediaId, range) }
    },
  }
}

async function check(name: Check['name'], probe: () => Promise<string | null>): Promise<Check> {
  try {
    const detail = await probe()
    return { name, ok: detail === null, detail }
  } catch {
    return { name, ok: false, detail: 'It does not answer.' }
  }
}
