import type { Refine } from '../../answers/verdicts/create-verdict.ts'
import type { ErrorRule } from './description-parts.ts'

/** The error table as a function. Codes must match as a whole, words anywhere in the messages; case is ignored. */
export function refineBy(rules: readonly ErrorRule[]): Refine {
  return ({ status, codes, message }) => {
    const said = message.toLowerCase()
    const rule = rules.find(
      ({ http, code, says }) =>
        (http === undefined || http.includes(status)) &&
        (code === undefined || code.some((each) => codes.includes(String(each).toLowerCase()))) &&
        (says === undefined || says.some((each) => said.includes(each.toLowerCase()))),
    )
    return rule?.is ?? null
  }
}
