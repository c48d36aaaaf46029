import { z } from 'zod'
import { readinessChecks } from '../../../domain/observability/readiness.ts'

export const Liveness = z
  .object({ status: z.literal('alive') })
  .meta({ id: 'Liveness', examples: [{ status: 'alive' }] })

const check = z
  .object({
    name: z.enum(readinessChecks),
    ok: z.boolean(),
    detail: z.string().nullable(),
  })
  .meta({ id: 'ReadinessCheck' })

export const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    checks: z.array(check),
  })
  .meta({
    id: 'Readiness',
    examples: [{ status: 'ready', checks: [{ name: 'storage', ok: true, detail: null }] }],
  })

export type Readiness = z.output<typeof Readiness>
