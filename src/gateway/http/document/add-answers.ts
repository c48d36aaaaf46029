import { z } from 'zod'
import type { Json } from '../../domain/json.ts'
import { answers } from './answers.ts'

type JsonObject = { [key: string]: Json }

const answered = z.json()

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The media type of what the operation answers in JSON when it succeeds. */
function successOf(operation: JsonObject): JsonObject | null {
  const { responses } = operation
  if (!isObject(responses)) return null
  for (const [status, answer] of Object.entries(responses)) {
    const content = isObject(answer) && status.startsWith('2') ? answer['content'] : undefined
    const json = isObject(content) ? content['application/json'] : undefined
    if (isObject(json)) return json
  }
  return null
}

/** Gives operations examples of what they answer, which are answers of a run. */
export function addAnswers({ paths }: { paths: JsonObject }): void {
  for (const methods of Object.values(paths)) {
    if (!isObject(methods)) continue
    for (const operation of Object.values(methods)) {
      if (!isObject(operation)) continue
      const { operationId } = operation
      const told = typeof operationId === 'string' ? answers[operationId] : undefined
      const json = told === undefined ? null : successOf(operation)
      if (json !== null && told !== undefined) json['example'] = answered.parse(JSON.parse(told))
    }
  }
}
