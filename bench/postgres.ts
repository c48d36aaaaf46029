/**
 * Claims and settles on PostgreSQL beside the same statements under pgbench, one hot key with and without a budget, and
 * the same again after churn; docs/BENCHMARKS.md. Exits 1 below the floors.
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { median, table } from './figures.ts'
import { measureChurn } from './postgres/churn.ts'
import { measureClaims } from './postgres/claims.ts'
import { measureHotKey } from './postgres/hot-key.ts'
import { measureSettles } from './postgres/settles.ts'
import { openStage } from './postgres/stage.ts'

const parts = ['claims', 'settles', 'hot-key', 'churn']
const flags = {
  only: { type: 'string', multiple: true, default: parts },
  passes: { type: 'string', default: '10' },
  claims: { type: 'string', default: '20000' },
  settles: { type: 'string', default: '2000' },
  seconds: { type: 'string', default: '3' },
  'churn-minutes': { type: 'string', default: '20' },
  'churn-updates': { type: 'string', default: '20000000' },
  'churn-per-second': { type: 'string', default: '500' },
  unpinned: { type: 'boolean', default: false },
} as const
const positive = z.coerce.number().int().positive()
const {
  only,
  passes,
  claims,
  settles,
  seconds,
  'churn-minutes': minutes,
  'churn-updates': updates,
  'churn-per-second': perSecond,
  unpinned,
} = z
  .object({
    only: z.array(z.enum(parts)),
    passes: positive,
    claims: positive,
    settles: positive,
    seconds: positive,
    'churn-minutes': z.coerce.number().positive(),
    'churn-updates': positive,
    'churn-per-second': positive,
    unpinned: z.boolean(),
  })
  .parse(parseArgs({ options: flags }).values)

interface Figure {
  name: string
  other: string
  floor: number
  measured: Array<[number, number]>
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)
// oxlint-disable-next-line node/no-process-env
const stage = await openStage(process.env['PATH'] ?? '', { pinned: !unpinned })
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stage.end().then(() => process.exit(130)))

say(
  stage.isPinned
    ? 'the server has one core, and its clients another\n'
    : 'the server shares all cores with its clients\n',
)
const figures = new Array<Figure>()
if (only.includes('claims')) {
  const base = await stage.base('claims', 1)
  await base.fill(1, claims, { leased: false })
  const measured = await measureClaims(stage, base, { passes, count: claims })
  figures.push({ name: 'claims', other: 'pgbench', floor: 0.8, measured })
}
if (only.includes('settles')) {
  const base = await stage.base('settles', 1)
  const measured = await measureSettles(stage, base, { passes, count: settles, from: 1 })
  figures.push({ name: 'settles', other: 'pgbench', floor: 0.8, measured })
}
if (only.includes('hot-key')) {
  const measured = await measureHotKey(await stage.base('hot_key', 3), { passes, ms: seconds * 1000 })
  figures.push({ name: 'hot key', other: 'no budget', floor: 0.5, measured })
}
if (only.includes('churn')) {
  const churned = await measureChurn(stage, { minutes, updates, perSecond, passes, claims, settles })
  say(
    `churn: ${(churned.updates / 1e6).toFixed(1)} million row updates in ${churned.minutes.toFixed(1)} minutes\n`,
  )
  for (const name of ['claims', 'settles'] as const)
    figures.push({ name: `${name} after churn`, other: 'new database', floor: 0.8, measured: churned[name] })
}

const ratiosOf = ({ measured }: Figure) => measured.map(([ours, theirs]) => ours / theirs)
say(
  table(
    ['per second', 'gateway', 'other', 'compared with', 'least', 'ratio', 'most', 'floor'],
    figures.map((figure) => {
      const ratios = ratiosOf(figure)
      return [
        figure.name,
        median(figure.measured.map(([ours]) => ours)).toFixed(0),
        median(figure.measured.map(([, theirs]) => theirs)).toFixed(0),
        figure.other,
        Math.min(...ratios).toFixed(2),
        median(ratios).toFixed(2),
        Math.max(...ratios).toFixed(2),
        figure.floor.toFixed(1),
      ]
    }),
  ),
)
await stage.end()
process.exitCode = figures.every((figure) => median(ratiosOf(figure)) >= figure.floor) ? 0 : 1
