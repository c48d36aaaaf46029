import { turnsAccountAway } from '../../domain/attempts/account-trouble.ts'
import type { ExchangeOperation } from '../../domain/attempts/exchange.ts'
import type { Metrics } from '../../ports/metrics.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'

/** Upstreams whose calls are counted and timed, those that a breaker holds back as well. */
export function measuredDirectory(directory: UpstreamDirectory, metrics: Metrics): UpstreamDirectory {
  const known = new WeakMap<Upstream, Upstream>()
  const measured = (upstream: Upstream): Upstream => {
    const found = known.get(upstream) ?? measuredUpstream(upstream, metrics)
    known.set(upstream, found)
    return found
  }
  const measuredOrNone = (upstream: Upstream | undefined) => upstream && measured(upstream)
  return {
    ...directory,
    get: (id) => measuredOrNone(directory.get(id)),
    holderOf: (id, account) => measuredOrNone(directory.holderOf(id, account)),
    all: () => directory.all().map(measured),
  }
}

function measuredUpstream(upstream: Upstream, metrics: Metrics): Upstream {
  const { id } = upstream.spec

  /** No method of an upstream throws for a failure of the vendor; what throws is a fault of the gateway, and is not a call. */
  async function timed<Outcome extends { type: string }>(
    operation: ExchangeOperation,
    call: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const from = performance.now()
    const outcome = await call()
    const value = (performance.now() - from) / 1000
    metrics.record({
      name: 'understudy_upstream_calls_total',
      labels: { upstream: id, operation, outcome: outcome.type },
      value: 1,
    })
    metrics.record({
      name: 'understudy_upstream_call_duration_seconds',
      labels: { upstream: id, operation },
      value,
    })
    return outcome
  }

  return {
    ...upstream,
    async create(request, note, heldBack) {
      const outcome = await timed('create', () => upstream.create(request, note, heldBack))
      const isAway = turnsAccountAway(outcome)
      if (isAway !== null)
        metrics.record({
          name: 'understudy_upstream_account_trouble',
          labels: { upstream: id },
          value: isAway ? 1 : 0,
        })
      return outcome
    },
    poll: (operation, note) => timed('poll', () => upstream.poll(operation, note)),
    fetchVideo: (operation, result, note) =>
      timed('fetch', () => upstream.fetchVideo(operation, result, note)),
    cancel: (operation, note) => timed('cancel', () => upstream.cancel(operation, note)),
    listRecent: (since, note) => timed('list', () => upstream.listRecent(since, note)),
    createCharacter: (request, note) => timed('character', () => upstream.createCharacter(request, note)),
    pollCharacter: (operation, note) =>
      timed('character_poll', () => upstream.pollCharacter(operation, note)),
  }
}
