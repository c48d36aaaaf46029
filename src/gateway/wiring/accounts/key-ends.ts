import { createEndUnsent } from '../../services/advance/end-unsent.ts'
import type { EndUnsentDeps } from '../../services/advance/end-unsent.ts'
import type { Keyring } from '../../services/accounts/authentication.ts'
import { inTurn } from '../../services/fleet/in-turn.ts'
import type { Logger } from '../../ports/logger.ts'
import type { WorkTurns } from '../../ports/operations/work-turns.ts'
import { createKeyStore } from '../../storage/accounts/key-store.ts'
import { createUnsentWork } from '../../storage/queue/unsent-work.ts'
import type { Database } from '../../storage/engine/database.ts'
import { Janitor } from '../../workers/janitor.ts'

/** How late a key that expires is noticed; a revocation wakes the work at once. */
const everyMs = 1000
/** How soon another node goes on where this one stopped. */
const turnMs = 5000

export type KeyEndsDeps = Omit<EndUnsentDeps, 'unsent' | 'keys' | 'keyring'> & {
  database: Database
  keyring: Keyring
  logger: Logger
  turns: WorkTurns
}

/** Ends what was not sent of a key as soon as the key is over. */
export function createKeyEnds(deps: KeyEndsDeps): { janitor: Janitor; round: () => Promise<number> } {
  const { database, keyring, logger, turns } = deps
  const endUnsent = createEndUnsent({
    ...deps,
    unsent: createUnsentWork(database),
    keys: createKeyStore(database),
  })
  const round = () => endUnsent.round()
  const janitor = new Janitor(inTurn(turns, { work: 'ended_keys', forMs: turnMs }, round), logger, everyMs)
  keyring.watch((name) => {
    endUnsent.revoked(name)
    janitor.nudge()
  })
  return { janitor, round }
}
