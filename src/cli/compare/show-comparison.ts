import { dollars, table } from '../output/table.ts'
import type { Comparison } from './comparison-shapes.ts'

/** The most that the videos of one upstream may cost. */
export interface UpstreamCost {
  upstream: string
  videos: number
  worstUsd: number
}

export function showCosts(costs: readonly UpstreamCost[], worstUsd: number): string {
  const rows = costs.map((each) => [each.upstream, String(each.videos), dollars(each.worstUsd)])
  const videos = costs.reduce((sum, each) => sum + each.videos, 0)
  return table(['upstream', 'videos', 'at most'], [...rows, ['total', String(videos), dollars(worstUsd)]])
}

export function showComparison({ id, status, cost_usd: cost, table: found, warnings }: Comparison): string {
  const rows = found.map((each) => [
    each.upstream,
    `${each.delivered} of ${each.videos}`,
    dollars(each.cost_usd),
    dollars(each.reserved_cost_usd),
    each.mean_seconds === null ? '–' : `${each.mean_seconds.toFixed(1)} s`,
    figure(each.hash_similarity, 2),
    figure(each.colour_distance, 1),
    Object.entries(each.failures)
      .map(([code, count]) => `${count} ${code}`)
      .join(', '),
  ])
  const head = ['upstream', 'videos', 'cost', 'reserved', 'mean time', 'similarity', 'colours', 'failures']
  return [
    `${id}  ${status}, ${dollars(cost)} paid`,
    table(head, rows),
    ...warnings.map(({ detail }) => `Note: ${detail}`),
  ].join('\n\n')
}

function figure(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits)
}
