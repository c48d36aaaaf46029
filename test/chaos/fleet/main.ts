/** Disturbs a fleet on PostgreSQL and reports what was lost; see docs/CHAOS.md. Exits 1 on any violation. */
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { roles } from './nodes.ts'
import { medias } from './plan.ts'
import { reportOf } from './report.ts'
import { isClean, runFleet, skipsFleet } from './run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    roles: { type: 'string', default: 'all,all,all' },
    media: { type: 'string', default: 'files' },
    disturbances: { type: 'string' },
    'pace-ms': { type: 'string', default: '1000' },
    'per-second': { type: 'string', default: '4' },
  },
})
const given = z
  .object({
    minutes: z.coerce.number().positive(),
    seed: z.coerce.number().int(),
    roles: z.array(z.enum(roles)).min(1),
    media: z.enum(medias),
    disturbances: z.coerce.number().int().positive().nullable(),
    paceMs: z.coerce.number().positive(),
    perSecond: z.coerce.number().positive(),
  })
  .parse({
    ...values,
    roles: values.roles.split(','),
    disturbances: values.disturbances ?? null,
    paceMs: values['pace-ms'],
    perSecond: values['per-second'],
  })

const skipped = skipsFleet(given.media)
if (skipped !== false) {
  process.stderr.write(`${skipped}\n`)
  process.exit(1)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
const result = await runFleet({
  ...given,
  deadlineSeconds: 120,
  patienceMs: 6000,
  say: (text) => void process.stderr.write(`${text}\n`),
})
process.stdout.write(`${reportOf(result)}\n`)
process.exit(isClean(result) ? 0 : 1)
