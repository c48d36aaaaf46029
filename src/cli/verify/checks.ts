import { dollars } from '../output/table.ts'
import type { Measured } from './measure.ts'
import type { Exchange, Verified } from './shapes.ts'
import type { Clip } from './shortest-clip.ts'

/** `unknown`: there is nothing to compare. It is no failure. */
export interface Check {
  name: 'answers' | 'length' | 'size' | 'charge'
  result: 'ok' | 'failed' | 'unknown'
  detail: string
}

/** Encoders end on a whole frame, and some vendors add one. */
const lengthTolerance = 0.25
/** Vendors round pixels to what their models take, such as 1248x704 for 1280x720. */
const sizeTolerance = 0.05

/** What an upstream did, beside its description. `measured`: null without a video, or if the file is none. */
export function checksOf(
  generation: Verified,
  exchanges: readonly Exchange[],
  clip: Clip,
  measured: Measured | null,
): Check[] {
  return [
    checkAnswers(generation, exchanges),
    ...(generation.status === 'completed' ? [checkLength(clip, measured), checkSize(clip, measured)] : []),
    checkCharge(generation),
  ]
}

function checkAnswers({ status, attempts, error }: Verified, exchanges: readonly Exchange[]): Check {
  const counts = new Map<string, number>()
  for (const { operation } of exchanges) counts.set(operation, (counts.get(operation) ?? 0) + 1)
  const seen = [...counts].map(([operation, count]) => `${count} ${operation}`).join(', ')
  if (status === 'completed') return { name: 'answers', result: 'ok', detail: seen }
  const failure = attempts.at(-1)?.failure
  const reason = failure == null ? (error?.message ?? status) : `${failure.code}: ${failure.message}`
  return { name: 'answers', result: 'failed', detail: `${reason}${seen === '' ? '' : ` (${seen})`}` }
}

function checkLength({ duration }: Clip, measured: Measured | null): Check {
  const isClose = measured !== null && Math.abs(measured.duration - duration) <= lengthTolerance
  return {
    name: 'length',
    result: isClose ? 'ok' : 'failed',
    detail: compared(seconds(measured), `${duration} s`),
  }
}

function seconds(measured: Measured | null): string {
  return measured === null ? 'no readable video' : `${Number(measured.duration.toFixed(2))} s`
}

function checkSize({ size }: Clip, measured: Measured | null): Check {
  const delivered = measured === null ? 'no readable video' : `${measured.width}x${measured.height}`
  if (size === null && measured !== null) return { name: 'size', result: 'unknown', detail: delivered }
  const [width = 0, height = 0] = (size ?? '').split('x').map(Number)
  const isClose =
    measured !== null &&
    Math.abs(measured.width - width) <= width * sizeTolerance &&
    Math.abs(measured.height - height) <= height * sizeTolerance
  return { name: 'size', result: isClose ? 'ok' : 'failed', detail: compared(delivered, size ?? 'any') }
}

function compared(delivered: string, asked: string): string {
  return delivered === asked ? delivered : `${delivered}, asked for ${asked}`
}

function checkCharge({ attempts, warnings }: Verified): Check {
  const attempt = attempts.at(-1)
  const said = attempt?.vendor_cost_usd ?? null
  const usage = attempt?.vendor_usage ?? null
  if (said !== null) {
    const differs = warnings.some(({ code }) => code === 'cost_differs')
    const detail = `the vendor reports ${dollars(said)}, expected ${dollars(attempt?.expected_cost_usd ?? 0)}`
    return { name: 'charge', result: differs ? 'failed' : 'ok', detail }
  }
  if (usage === null) return { name: 'charge', result: 'unknown', detail: 'the vendor reports none' }
  const { amount, unit } = usage
  const detail = `the vendor reports ${amount} ${unit}; to compare them, set usd_per_unit of the price`
  return { name: 'charge', result: 'unknown', detail }
}
