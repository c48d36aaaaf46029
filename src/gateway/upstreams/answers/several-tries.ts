/**
 * A relay that asked more than one upstream, or one more than once, and tells of the last failure: what it says is about one
 * of the tries, and another may have made a job. LiteLLM writes `Fallback to b also failed` and `LiteLLM Retried: 2 times`.
 */
const signs = [
  /\bfall ?backs?\b.{0,200}\b(also |all )?failed:/is,
  /\berror doing the fallback\b/i,
  /\b(all|every|each)( of the)?( \d+)? (fallbacks?|providers?|channels?|deployments?|upstreams?|attempts|tries|retries)\b.{0,20}\bfailed\b/i,
  /\bretried:? [1-9]\d* times?\b/i,
  /\bafter [1-9]\d* (re-?tries|retry)\b/i,
  /\bfailed after [1-9]\d* (attempts|tries)\b/i,
]

/** What LiteLLM counts in the headers of an answer, also of a success. */
const counters = ['x-litellm-attempted-retries', 'x-litellm-attempted-fallbacks']

/** How often a relay repeated a create, or asked somebody else, before it answered; 0 where it says nothing. */
export function triesTold(headers: Readonly<Record<string, string>>): number {
  const told = counters.map((name) => Number(headers[name] ?? 0))
  return told.filter((count) => Number.isInteger(count) && count > 0).reduce((sum, count) => sum + count, 0)
}

export function tellsOfSeveralTries(message: string): boolean {
  return signs.some((sign) => sign.test(message))
}
