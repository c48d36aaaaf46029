import type { Clock } from '../../../ports/clock.ts'
import type { KeyAuthority } from '../../../ports/accounts/key-authority.ts'
import type { LeasedWork } from '../leased-work.ts'

export interface KeyCheckDeps {
  authority: KeyAuthority
  clock: Clock
}

/**
 * Whether the key of this generation is no longer valid, which is then recorded. Accepted jobs continue, because they are
 * paid for.
 */
export async function isKeyRevoked({ authority, clock }: KeyCheckDeps, work: LeasedWork): Promise<boolean> {
  const { type } = await authority.status(work.generation)
  if (type === 'active') return false
  await work.record({ type: 'key_revoked', at: clock.now() })
  return true
}
