import { monthStart } from '../../domain/accounts/client.ts'
import { openStatuses } from '../../domain/generation/history.ts'
import type { BreakerState } from '../../domain/routing/upstream.ts'
import { readinessChecks } from '../../domain/observability/readiness.ts'
import { operations } from '../../domain/routing/upstream.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ReadOperatingFigures } from '../../ports/operations/operating-figures.ts'
import type { ReadStorageSizes } from '../../ports/storage-sizes.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import type { OperationsService } from '../operations/operations.ts'
import { budgetSamples } from './budget-samples.ts'
import type { Budget } from './budget-samples.ts'
import type { GaugeSource } from './scrape.ts'

const breakerValues: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 }

/** Everything that is read when metrics are asked for. */
export function gaugeSources(deps: {
  figures: ReadOperatingFigures
  sizes: ReadStorageSizes
  /** Of keys. */
  budgets: () => Budget[]
  gate: Pick<UpstreamGate, 'views'>
  operations: Pick<OperationsService, 'readiness'>
  clock: Clock
}): GaugeSource[] {
  return [databaseSource(deps), upstreamSource(deps), readinessSource(deps), storageSource(deps)]
}

function databaseSource({
  figures,
  budgets,
  gate,
  clock,
}: Pick<Parameters<typeof gaugeSources>[0], 'figures' | 'budgets' | 'gate' | 'clock'>): GaugeSource {
  return {
    name: 'database',
    gauges: [
      'understudy_generations_open',
      'understudy_generations_oldest_age_seconds',
      'understudy_attempts_unknown',
      'understudy_attempts_unknown_oldest_age_seconds',
      'understudy_reserved_cost_usd',
      'understudy_webhook_deliveries_pending',
      'understudy_bill_difference_usd',
      'understudy_budget_used_ratio_max',
      'understudy_budgets_above_80_percent',
    ],
    async read() {
      const now = clock.now()
      const { open, unknown, reservedMicros, pendingDeliveries, billDifferences, committed, tenantBudgets } =
        await figures(monthStart(now))
      const limits = [...budgets(), ...tenantBudgets.map((each) => ({ ...each, key: null }))]
      const ageOf = (oldestAt: number) => Math.max(0, now - oldestAt) / 1000
      const oldestUnknown = Math.min(now, ...unknown.map(({ oldestAt }) => oldestAt))
      const configured = gate.views().map(({ spec }) => spec.id)
      return [
        ...openStatuses.flatMap((state) => {
          const found = open.find(({ status }) => status === state)
          return [
            { name: 'understudy_generations_open' as const, labels: { state }, value: found?.count ?? 0 },
            {
              name: 'understudy_generations_oldest_age_seconds' as const,
              labels: { state },
              value: found === undefined ? 0 : ageOf(found.oldestAt),
            },
          ]
        }),
        ...[...configured.map((upstream) => ({ upstream, count: 0 })), ...unknown].map(
          ({ upstream, count }) => ({
            name: 'understudy_attempts_unknown' as const,
            labels: { upstream },
            value: count,
          }),
        ),
        { name: 'understudy_attempts_unknown_oldest_age_seconds', labels: {}, value: ageOf(oldestUnknown) },
        { name: 'understudy_reserved_cost_usd', labels: {}, value: reservedMicros / 1e6 },
        { name: 'understudy_webhook_deliveries_pending', labels: {}, value: pendingDeliveries },
        ...(billDifferences === null
          ? []
          : [...configured.map((upstream) => ({ upstream, micros: 0 })), ...billDifferences]
        ).map(({ upstream, micros }) => ({
          name: 'understudy_bill_difference_usd' as const,
          labels: { upstream },
          value: micros / 1e6,
        })),
        ...(committed === null ? [] : budgetSamples(limits, committed)),
      ]
    },
  }
}

function upstreamSource({ gate }: { gate: Pick<UpstreamGate, 'views'> }): GaugeSource {
  return {
    name: 'upstreams',
    gauges: ['understudy_breaker_state', 'understudy_submissions_paused'],
    read: () =>
      Promise.resolve(
        gate.views().flatMap(({ spec: { id: upstream }, breakers, pause }) => [
          ...operations.map((operation) => ({
            name: 'understudy_breaker_state' as const,
            labels: { upstream, operation },
            value: breakerValues[breakers[operation].state],
          })),
          {
            name: 'understudy_submissions_paused' as const,
            labels: { upstream },
            value: pause == null ? 0 : 1,
          },
        ]),
      ),
  }
}

function readinessSource({
  operations: { readiness },
}: {
  operations: Pick<OperationsService, 'readiness'>
}): GaugeSource {
  return {
    name: 'readiness',
    gauges: ['understudy_ready'],
    async read() {
      const { checks } = await readiness()
      // Some are named only when there is something to say.
      return readinessChecks.map((check) => ({
        name: 'understudy_ready' as const,
        labels: { check },
        value: checks.some(({ name, ok }) => name === check && !ok) ? 0 : 1,
      }))
    },
  }
}

function storageSource({ sizes }: { sizes: ReadStorageSizes }): GaugeSource {
  return {
    name: 'storage',
    gauges: ['understudy_storage_free_bytes', 'understudy_database_size_bytes'],
    async read() {
      const { freeBytes, databaseBytes } = await sizes()
      return [
        ...Object.entries(freeBytes).map(([directory, value]) => ({
          name: 'understudy_storage_free_bytes' as const,
          labels: { directory },
          value,
        })),
        { name: 'understudy_database_size_bytes', labels: {}, value: databaseBytes },
      ]
    },
  }
}
