import type { Refine } from '../answers/verdicts/create-verdict.ts'

/**
 * The proxy's own message for a connection that it could not make, at the start of the text. The same words in a
 * response that it passes on are about a server behind the vendor, which may have the job.
 */
const noConnection =
  /^litellm\.\w+: (?:\w+: )?(?:\w*Exception - )?(?:\[Errno -?\d+\] )?(?:cannot connect to host|name or service not known|nodename nor servname|no address associated with hostname|temporary failure in name resolution|connection refused|all connection attempts failed)\b/i

/** Messages that only a LiteLLM proxy sends. A wrong key is a 400 if it has no database. */
export const refineLitellm: Refine = ({ codes, message }) => {
  if (codes.includes('no_db_connection')) return 'upstream_down'
  return noConnection.test(message) ? 'never_sent' : null
}
