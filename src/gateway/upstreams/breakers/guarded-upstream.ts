import type { BreakerView, Operation } from '../../domain/routing/upstream.ts'
import { createPromptMask } from '../../domain/steering/prompt-mask.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import { noCreateInputs } from '../../ports/upstream.ts'
import type { CreateRequest, Upstream } from '../../ports/upstream.ts'
import type { BareUpstream } from '../calls/http-upstream.ts'
import type { BreakerSettings } from '../settings.ts'
import { createBreaker } from './breaker.ts'
import type { Breaker } from './breaker.ts'
import { createAccountWatch } from './account-trouble.ts'
import { guards } from './guards.ts'
import type { UpstreamMethod, Guard } from './guards.ts'
import { createOutages } from './model-outages.ts'

/** An upstream with one breaker per operation. `close` stops their timers. */
export interface GuardedUpstream extends Omit<Upstream, 'account'> {
  close(): void
}

interface GuardDeps {
  clock: Clock
  logger: Logger
  /** A closed breaker opened. */
  onBreakerOpen?: ((upstream: string, operation: Operation) => void) | undefined
}

export function guardUpstream(
  upstream: BareUpstream,
  { breaker: settings, modelGoneMs }: { breaker: BreakerSettings; modelGoneMs: number },
  deps: GuardDeps,
): GuardedUpstream {
  const breakers = openBreakers(upstream.spec.id, settings, deps)
  const outages = loggedOutages(upstream.spec.id, modelGoneMs, deps)
  const account = loggedAccount(upstream.spec.id, deps)
  const guarded = <T>({ operation, healthOf, whenOpen }: Guard<T>, call: () => Promise<T>): Promise<T> =>
    breakers[operation].run(call, healthOf, (retryAfterMs) =>
      whenOpen({
        message: `The ${operation} circuit breaker of "${upstream.spec.id}" is open after repeated failures.`,
        retryAfterMs,
      }),
    )
  const calls: Pick<Required<BareUpstream>, UpstreamMethod> = {
    create: (request, note, heldBack) =>
      outages.run(
        request.model,
        async () => {
          const outcome = await guarded(guards.create, () => upstream.create(request, note, heldBack))
          account.observe(outcome)
          return outcome
        },
        (text) => createPromptMask(textsOf(request))(text),
      ),
    poll: (operation, note) => guarded(guards.poll, () => upstream.poll(operation, note)),
    fetchVideo: (operation, result, note) =>
      guarded(guards.fetchVideo, () => upstream.fetchVideo(operation, result, note)),
    createCharacter: (request, note) =>
      guarded(guards.createCharacter, () => upstream.createCharacter(request, note)),
    pollCharacter: (operation, note) =>
      guarded(guards.pollCharacter, () => upstream.pollCharacter(operation, note)),
    cancel: (operation, note) => upstream.cancel(operation, note),
    listRecent: (since, note) => upstream.listRecent(since, note),
    async probe() {
      const probed = await upstream.probe()
      const trouble = probed.find(({ status }) => status === 'account_rejected')
      // An account with an empty balance may still list its jobs, so that only a create shows that it is accepted again.
      if (trouble !== undefined)
        account.observe({ type: 'upstream_down', message: trouble.message ?? '', retryAfterMs: null })
      return probed
    },
  }

  return {
    // All methods that call the vendor are replaced by `calls`, whose type lists them.
    ...upstream,
    ...calls,
    outages: () => outages.current(),
    resetBreaker(operation) {
      const before = breakers[operation].view().state
      breakers[operation].reset()
      if (operation !== 'create') return { operation, before, models: [] }
      account.reset()
      return { operation, before, models: outages.reset() }
    },
    breakers: () => ({
      create: breakers.create.view(),
      poll: breakers.poll.view(),
      fetch: breakers.fetch.view(),
      character: breakers.character.view(),
    }),
    close() {
      for (const breaker of Object.values(breakers)) breaker.close()
    },
  }
}

function openBreakers(
  upstream: string,
  settings: BreakerSettings,
  { clock, logger, onBreakerOpen }: GuardDeps,
): Record<Operation, Breaker> {
  const breakerOf = (operation: Operation): Breaker => {
    let before: BreakerView['state'] = 'closed'
    return createBreaker(settings, {
      clock,
      onChange({ state }) {
        logger.warn({ upstream, operation, state }, 'breaker state changed')
        // A trial request that fails is the same outage.
        if (state === 'open' && before === 'closed') onBreakerOpen?.(upstream, operation)
        before = state
      },
    })
  }
  return {
    create: breakerOf('create'),
    poll: breakerOf('poll'),
    fetch: breakerOf('fetch'),
    character: breakerOf('character'),
  }
}

function loggedAccount(upstream: string, { logger }: GuardDeps) {
  return createAccountWatch((trouble) => {
    if (trouble === null) return logger.info({ upstream }, 'upstream accepts its account again')
    logger.warn({ upstream }, 'upstream rejects its account: check the API key and the balance')
    // A vendor may repeat a part of the prompt in it.
    logger.debug({ upstream, reason: trouble }, 'what the upstream said of its account')
  })
}

/** What a person wrote. Options without a space are words of the upstream, such as `pro`. */
function textsOf({ prompt, inputs = noCreateInputs }: CreateRequest): string[] {
  const { negativePrompt, options, references } = inputs
  const named = [...Object.values(options), ...references.map(({ name }) => name)]
  const written = named.flatMap((text) => (typeof text === 'string' && /\s/.test(text.trim()) ? [text] : []))
  return [prompt, negativePrompt ?? '', ...written].filter((text) => text !== '')
}

function loggedOutages(upstream: string, modelGoneMs: number, { clock, logger }: GuardDeps) {
  return createOutages(modelGoneMs, {
    clock,
    onChange: ({ model, until }) =>
      logger.warn(
        { upstream, model, until: until === null ? null : new Date(until).toISOString() },
        until === null ? 'model is available again' : 'model is unavailable',
      ),
  })
}
