import { z } from 'zod'
import type { Json } from '../../domain/json.ts'
import { firstOf } from './expressions/expression.ts'
import type { Expression, Values } from './expressions/expression.ts'

/** What is kept of a job, or of a character that a job makes: its id, and what the description keeps beside it. */
const operationSchema = z.looseObject({ id: z.string() })

/** Its values for the placeholders of further calls; throws for what is no operation of a described dialect. */
export function operationValues(operation: Json | undefined): Values {
  return z.record(z.string(), z.json()).parse(operationSchema.parse(operation))
}

export function jobIdOf(operation: Json): string | null {
  return operationSchema.safeParse(operation).data?.id ?? null
}

/** Null where the answer lacks something that further calls need. */
export function operationOf(
  id: string,
  keep: Keep,
  answer: unknown,
  asked: Values,
): { [key: string]: Json } | null {
  const kept = keptOf(keep, answer, asked)
  return kept === null ? null : { ...kept, id }
}

type Keep = Readonly<Record<string, readonly Expression[]>>

export function keptOf(keep: Keep, answer: unknown, asked: Values): Record<string, Json> | null {
  const kept: Record<string, Json> = {}
  for (const [name, from] of Object.entries(keep)) {
    const value = firstOf(from, answer, asked)
    if (value === null) return null
    kept[name] = value
  }
  return kept
}
