/**
 * Signs that a relay tried several times and reports the last failure. It is about one of the tries, and another one
 * may have created a job. LiteLLM writes `Fallback to b also failed` and `LiteLLM Retried: 2 times`.
 */
const signs = [
  /\bfall ?backs?\b.{0,200}\b(also |all )?failed:/is,
  /\berror doing the fallback\b/i,
  /\b(all|every|each)( of the)?( \d+)? (fallbacks?|providers?|channels?|deployments?|upstreams?|attempts|tries|retries)\b.{0,20}\bfailed\b/i,
  /\bretried:? [1-9]\d* times?\b/i,
  /\bafter [1-9]\d* (re-?tries|retry)\b/i,
  /\bfailed after [1-9]\d* (attempts|tries)\b/i,
]

/** Counters that LiteLLM adds to the headers of responses, including successful ones. */
const counters = ['x-litellm-attempted-retries', 'x-litellm-attempted-fallbacks']

/** How often a relay retried a create, or tried another upstream, before it answered; 0 if it does not say. */
export function triesTold(headers: Readonly<Record<string, string>>): number {
  const told = counters.map((name) => Number(headers[name] ?? 0))
  return told.filter((count) => Number.isInteger(count) && count > 0).reduce((sum, count) => sum + count, 0)
}

export function tellsOfSeveralTries(message: string): boolean {
  return signs.some((sign) => sign.test(message))
}
