/** Disturbs the gateway from outside and reports the results; see docs/CHAOS.md. Exits 1 on any violation. */
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { reportOf, violationsOf } from './report.ts'
import { forget, runFaults } from './run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'per-second': { type: 'string', default: '4' },
  },
})
const { minutes, seed, perSecond } = z
  .object({
    minutes: z.coerce.number().positive(),
    seed: z.coerce.number().int(),
    perSecond: z.coerce.number().positive(),
  })
  .parse({ ...values, perSecond: values['per-second'] })

const say = (text: string): void => void process.stderr.write(`${text}\n`)
const result = await runFaults({ seed, minutes, perSecond, say })
process.stdout.write(`${reportOf(result)}\n`)
const isClean = violationsOf(result).length === 0
if (isClean) await forget(result)
process.exit(isClean ? 0 : 1)
