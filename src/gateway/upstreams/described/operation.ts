import { z } from 'zod'
import type { Json } from '../../domain/json.ts'
import { firstOf } from './expressions/expression.ts'
import type { Expression, Values } from './expressions/expression.ts'

/** Stored with a job, or with a character that a job creates: its id, and the other values that the description stores. */
const operationSchema = z.looseObject({ id: z.string() })
const valuesSchema = z.record(z.string(), z.json())

/** Its values for the placeholders of later calls. Throws for an operation of another dialect. */
export function operationValues(operation: Json | undefined): Values {
  return valuesSchema.parse(operationSchema.parse(operation))
}

export function jobIdOf(operation: Json): string | null {
  return operationSchema.safeParse(operation).data?.id ?? null
}

/** Null if the response lacks a value that later calls need. */
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
