import type { VendorCharge, VendorUsage } from '../../domain/attempts/vendor-cost.ts'
import { firstIn, isFields, layersOf, nameOf } from './layers.ts'
import type { Fields } from './layers.ts'
import { asAmount } from './wire-fields.ts'

const ticksPerMicro = 10_000

/**
 * The cost that the vendor reports for a job: dollars in `usage.cost` (OpenRouter), ticks of 10^-10 dollars in
 * `cost_in_usd_ticks` (xAI), billed seconds (DashScope, fal), tokens (Ark), credits, or units (Kling).
 */
export function vendorChargeIn(value: unknown): VendorCharge | null {
  const layers = layersOf(value)
  const usage = layers.flatMap((layer) =>
    Object.entries(layer).flatMap(([key, each]) =>
      /^(usage|billing|charge|metrics|cost)$/.test(nameOf(key)) && isFields(each) ? [each] : [],
    ),
  )
  const ticks = firstIn([...usage, ...layers], ['costinusdticks'], asAmount)
  const usd = firstIn(usage, ['cost', 'totalcost', 'amount'], asAmount)
  const named = firstIn([...usage, ...layers], ['costusd', 'totalcostusd', 'usdcost', 'priceusd'], asAmount)
  const micros =
    ticks === undefined ? scaled(named ?? inDollars(usage, usd), 1e6) : Math.round(ticks / ticksPerMicro)
  const seconds =
    firstIn(
      [...usage, ...layers],
      'billedseconds billableseconds secondsbilled billedduration'.split(' '),
      asAmount,
    ) ??
    firstIn(
      usage,
      ['duration', 'seconds', 'videoseconds', 'videoduration', 'outputvideoduration'],
      asAmount,
    ) ??
    null
  const counted = usageIn(usage, layers)
  return micros === null && seconds === null && counted === undefined
    ? null
    : { micros, seconds, ...(counted !== undefined && { usage: counted }) }
}

/** Tokens are only read inside a usage object: elsewhere they may be a limit. */
function usageIn(usage: readonly Fields[], layers: readonly Fields[]): VendorUsage | undefined {
  const all = [...usage, ...layers]
  const places: ReadonlyArray<[unit: string, where: readonly Fields[], names: string]> = [
    ['tokens', usage, 'totaltokens videotokens completiontokens'],
    ['credits', all, 'creditsconsumed consumedcredits consumecredits creditsused creditscharged'],
    ['credits', usage, 'credits'],
    ['units', all, 'finalunitdeduction'],
  ]
  for (const [unit, where, names] of places) {
    const amount = firstIn(where, names.split(' '), asAmount)
    if (amount !== undefined) return { amount, unit }
  }
  return undefined
}

/** Ignores costs in credits or other currencies. */
function inDollars(usage: readonly Fields[], amount: number | undefined): number | undefined {
  const unit = firstIn(usage, ['currency', 'unit', 'costunit'], (each) =>
    typeof each === 'string' ? each : undefined,
  )
  return unit === undefined || /^(usd|us\$|\$|dollars?)$/i.test(unit) ? amount : undefined
}

function scaled(value: number | undefined, factor: number): number | null {
  return value === undefined ? null : Math.round(value * factor)
}
