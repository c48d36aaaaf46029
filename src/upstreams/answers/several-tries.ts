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

export function tellsOfSeveralTries(message: string): boolean {
  return signs.some((sign) => sign.test(message))
}
