import { parseJson } from '../../answers/json-body.ts'
import type { ReceivedAnswer } from '../../dialect.ts'
import type { Description } from './description-parts.ts'
import { firstOf } from '../expressions/expression.ts'

/** Moves the error of a response from where the description says it is to where every reader looks for it. */
export function explainedBy(at: Description['error_at']): (answer: ReceivedAnswer) => ReceivedAnswer {
  return (answer) => {
    if (at === undefined) return answer
    const value = parseJson(answer.body)
    const code = firstOf(at.code ?? [], value)
    const message = firstOf(at.message ?? [], value)
    if (code === null && message === null) return answer
    return { ...answer, body: JSON.stringify({ error: { code, message }, details: value }) }
  }
}
