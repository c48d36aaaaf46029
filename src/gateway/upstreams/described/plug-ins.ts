import { parseJson } from '../answers/json-body.ts'
import type { ReceivedAnswer } from '../dialect.ts'

/** Response formats that a description selects by name, because it cannot describe them. */
export const plugInNames = ['json', 'json-lines'] as const

const readers: Record<(typeof plugInNames)[number], (answer: ReceivedAnswer) => ReceivedAnswer> = {
  json: (answer) => answer,
  'json-lines': (answer) => ({ ...answer, body: lastJsonLine(answer.body) }),
}

/** Converts a response to one with a JSON body, if possible. */
export function readerOf(name: (typeof plugInNames)[number]): (answer: ReceivedAnswer) => ReceivedAnswer {
  return readers[name]
}

/** JSON chunks on separate lines, with or without `data:`; the last one has the state (docs/vendors/job-apis.md#grsai). */
function lastJsonLine(body: string): string {
  const lines = body.split('\n').map((line) => line.replace(/^data:/, '').trim())
  return lines.findLast((line) => line.startsWith('{') && parseJson(line) !== undefined) ?? body
}
