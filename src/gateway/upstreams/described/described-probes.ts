import { z } from 'zod'
import type { ProbeOperation, ProbeReading } from '../../domain/steering/probe.ts'
import { parseJson } from '../answers/json-body.ts'
import { probeFailure } from '../answers/verdicts/probe-reading.ts'
import type { ProbeRules } from '../answers/verdicts/probe-reading.ts'
import { wireText } from '../answers/wire-fields.ts'
import type { Probe, ReceivedAnswer } from '../dialect.ts'
import { askingCall } from './build-call.ts'
import type { BalancePart, Call, ListPart, ModelsPart } from './description/description-calls.ts'
import type { Description } from './description/description-parts.ts'
import { firstOf } from './expressions/expression.ts'

type Reader = (answer: ReceivedAnswer) => ReceivedAnswer
type Found = Partial<ProbeReading> | null

/** The described calls that cost nothing. */
export function describedProbes(
  { list, models, balance }: Description,
  { read, explained, ...rules }: ProbeRules & { read: Reader; explained: Reader },
): Probe[] {
  const probe = <P extends Call>(
    operation: ProbeOperation,
    part: P | undefined,
    find: (part: P, body: unknown) => Found,
  ): Probe[] => {
    if (part === undefined) return []
    const decode = (answer: ReceivedAnswer): ProbeReading => {
      const whole = read(answer)
      const found = whole.status < 300 ? find(part, parseJson(whole.body)) : null
      return found === null
        ? probeFailure(explained(whole), rules)
        : { status: 'ok', message: null, ...found }
    }
    return [{ operation, call: askingCall(part, {}), decode }]
  }
  return [
    ...probe('list', list, jobsIn),
    ...probe('models', models, modelsIn),
    ...probe('balance', balance, balanceIn),
  ]
}

const entries = z.array(z.unknown())

function jobsIn({ items }: ListPart, body: unknown): Found {
  const found = entries.safeParse(firstOf(items, body)).data
  return found === undefined ? null : { jobs: found.length }
}

function modelsIn({ items, id }: ModelsPart, body: unknown): Found {
  const found = entries.safeParse(firstOf(items, body)).data
  if (found === undefined) return null
  const names = found.map((each) => wireText.parse(firstOf(id, each)))
  return { models: names.filter((name) => name !== undefined) }
}

/** Unlike the cost of a job, it may be below zero. */
function balanceIn({ amount: at, unit, usd_per_unit: usd }: BalancePart, body: unknown): Found {
  const value = firstOf(at, body)
  const amount = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof amount !== 'number' || !Number.isFinite(amount)) return null
  return { balance: { amount, unit, micros: usd === undefined ? null : Math.round(amount * usd * 1e6) } }
}
