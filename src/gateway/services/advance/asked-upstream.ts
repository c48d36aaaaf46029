import { canDeny, isSameAccount, isSameServer } from '../../domain/attempts/account.ts'
import type { Account } from '../../domain/attempts/account.ts'
import type { Attempt } from '../../domain/generation/generation.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'

/** Who is asked about a job. `by` is set where it proves nothing when it does not know the job. */
export interface Asked {
  upstream: Upstream
  by: Account | undefined
}

/**
 * The account that can be asked about the job of an attempt: the one that accepted it, if its credential is available,
 * otherwise another account of the same server. `absent`: its upstream is no longer configured. `elsewhere`: its upstream
 * has another server now.
 */
export function askedAbout(directory: UpstreamDirectory, attempt: Attempt): Asked | 'absent' | 'elsewhere' {
  const current = directory.get(attempt.upstream)
  const { sentTo } = attempt
  if (sentTo === null) return current === undefined ? 'absent' : { upstream: current, by: current.account }
  const holder =
    current !== undefined && isSameAccount(current.account, sentTo)
      ? current
      : directory.holderOf(attempt.upstream, sentTo)
  const upstream =
    holder ?? (current !== undefined && isSameServer(current.account, sentTo) ? current : undefined)
  if (upstream === undefined) return current === undefined ? 'absent' : 'elsewhere'
  return { upstream, by: canDeny(attempt, upstream.account) ? undefined : upstream.account }
}
