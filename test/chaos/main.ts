/** Kills the gateway repeatedly and reports what was lost; see docs/CHAOS.md. Exits 1 on any violation. */
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { reportOf } from './report.ts'
import { isClean, runChaos } from './run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string' },
    'per-second': { type: 'string', default: '6' },
  },
})
const { minutes, seed, kills, perSecond } = z
  .object({
    minutes: z.coerce.number().positive(),
    seed: z.coerce.number().int(),
    kills: z.coerce.number().int().positive().nullable(),
    perSecond: z.coerce.number().positive(),
  })
  .parse({ ...values, kills: values.kills ?? null, perSecond: values['per-second'] })

const result = await runChaos({
  seed,
  minutes,
  kills,
  perSecond,
  deadlineSeconds: 60,
  patienceMs: 4000,
  say: (text) => void process.stderr.write(`${text}\n`),
})
process.stdout.write(`${reportOf(result)}\n`)
process.exit(isClean(result) ? 0 : 1)
