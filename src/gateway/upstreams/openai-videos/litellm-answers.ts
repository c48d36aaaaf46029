import type { Refine } from '../answers/verdicts/create-verdict.ts'

/**
 * A connection that the proxy could not make, in its own words and at their beginning: the same words in an answer that it
 * passes on are about somebody behind the vendor, who may have the job.
 */
const noConnection =
  /^litellm\.\w+: (?:\w+: )?(?:\w*Exception - )?(?:\[Errno -?\d+\] )?(?:cannot connect to host|name or service not known|nodename nor servname|no address associated with hostname|temporary failure in name resolution|connection refused|all connection attempts failed)\b/i

/** What a LiteLLM proxy says that others do not. A wrong key is a 400 where it has no database. */
export const refineLitellm: Refine = ({ codes, message }) => {
  if (codes.includes('no_db_connection')) return 'upstream_down'
  return noConnection.test(message) ? 'never_sent' : null
}
