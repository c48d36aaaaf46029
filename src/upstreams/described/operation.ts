import { z } from 'zod'
import type { Json } from '../../domain/json.ts'
import { firstOf } from './expression.ts'
import type { Expression, Values } from './expression.ts'

/** What is kept of a job, or of a character that a job makes: its id, and what the description keeps beside it. */
const operationSchema = z.looseObject({ id: z.string() })

/** Its values for the placeholders of further calls; throws for what is no operation of a described dialect. */
export function operationValues(operation: Json | undefined): Values {
  return z.record(z.string(), z.json()).parse(operationSchema.parse(operation))
}

export function jobIdOf(operation: Json): string | null {
  return operationSchema.safeParse(operation).data?.id ?? null
}

export function operationOf(
  id: string,
  keep: Readonly<Record<string, readonly Expression[]>>,
  answer: unknown,
  asked: Values,
): { [key: string]: Json } {
  return { ...keptOf(keep, answer, asked), id }
}

export function keptOf(
  keep: Readonly<Record<string, readonly Expression[]>>,
  answer: unknown,
  asked: Values,
): Record<string, Json> {
  return Object.fromEntries(Object.entries(keep).map(([name, from]) => [name, firstOf(from, answer, asked)]))
}
