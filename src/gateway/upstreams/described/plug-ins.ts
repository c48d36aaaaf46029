import { parseJson } from '../answers/json-body.ts'
import type { ReceivedAnswer } from '../dialect.ts'

/** Ways to read an answer that a description names because it cannot say them. */
export const plugInNames = ['json', 'json-lines'] as const

const readers: Record<(typeof plugInNames)[number], (answer: ReceivedAnswer) => ReceivedAnswer> = {
  json: (answer) => answer,
  'json-lines': (answer) => ({ ...answer, body: lastJsonLine(answer.body) }),
}

/** Turns an answer into one whose body is JSON, where it can be. */
export function readerOf(name: (typeof plugInNames)[number]): (answer: ReceivedAnswer) => ReceivedAnswer {
  return readers[name]
}

/**
 * Chunks of JSON on lines of their own, `data:` before them or not; the last one holds the state
 * (docs/vendors/job-apis.md#grsai).
 */
function lastJsonLine(body: string): string {
  const lines = body.split('\n').map((line) => line.replace(/^data:/, '').trim())
  return lines.findLast((line) => line.startsWith('{') && parseJson(line) !== undefined) ?? body
}
