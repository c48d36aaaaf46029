import type { BreakerView, Operation } from '../../domain/routing/upstream.ts'
import { createPromptMask } from '../../domain/steering/prompt-mask.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import { noCreateInputs } from '../../ports/upstream.ts'
import type { CreateRequest, Upstream } from '../../ports/upstream.ts'
import type { SharedBreakers, SharedCircuit } from '../../ports/operations/shared-breakers.ts'
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
  /** Does what other nodes did with a breaker. */
  follow(circuit: SharedCircuit): void
  close(): void
}

interface GuardDeps {
  clock: Clock
  logger: Logger
  /** A closed breaker opened. */
  onBreakerOpen?: ((upstream: string, operation: Operation) => void) | undefined
  /** Absent for a process that owns its database. */
  shared?: SharedBreakers | undefined
}

export function guardUpstream(
  upstream: BareUpstream,
  { breaker: settings, modelGoneMs }: { breaker: BreakerSettings; modelGoneMs: number },
  deps: GuardDeps,
): GuardedUpstream {
  const { breakers, following } = openBreakers(upstream.spec.id, settings, deps)
  const outages = loggedOutages(upstream.spec.id, modelGoneMs, deps)
  const reset = (operation: Operation) => {
    const before = breakers[operation].view().state
    breakers[operation].reset()
    if (operation !== 'create') return { operation, before, models: [] }
    account.reset()
    return { operation, before, models: outages.reset() }
  }
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
      deps.shared?.reset(upstream.spec.id, operation)
      return following(() => reset(operation))
    },
    follow: createFollow(breakers, reset, { ...deps, following }),
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
  { clock, logger, onBreakerOpen, shared }: GuardDeps,
) {
  let isFollowing = false
  const breakerOf = (operation: Operation): Breaker => {
    let before: BreakerView['state'] = 'closed'
    return createBreaker(settings, {
      clock,
      mayProbe: shared && (() => shared.mayProbe(upstream, operation)),
      onChange({ state, retryAt }) {
        if (!isFollowing && state === 'open' && retryAt !== null) shared?.opened(upstream, operation, retryAt)
        if (!isFollowing && state === 'closed') shared?.closed(upstream, operation)
        logger.warn({ upstream, operation, state }, 'breaker state changed')
        // A trial request that fails is the same outage.
        if (state === 'open' && before === 'closed' && !isFollowing) onBreakerOpen?.(upstream, operation)
        before = state
      },
    })
  }
  const breakers: Record<Operation, Breaker> = {
    create: breakerOf('create'),
    poll: breakerOf('poll'),
    fetch: breakerOf('fetch'),
    character: breakerOf('character'),
  }
  return {
    breakers,
    /** What changes meanwhile is not told to other nodes. */
    following: <T>(change: () => T): T => {
      isFollowing = true
      try {
        return change()
      } finally {
        isFollowing = false
      }
    },
  }
}

function createFollow(
  breakers: Record<Operation, Breaker>,
  reset: (operation: Operation) => void,
  { clock, following }: { clock: Clock; following: (change: () => void) => void },
) {
  const resets = new Map<Operation, number>()
  return ({ operation, retryAt, resetAt }: SharedCircuit): void => {
    const breaker = breakers[operation]
    const isReset = resetAt !== null && resetAt !== resets.get(operation)
    if (resetAt !== null) resets.set(operation, resetAt)
    following(() => {
      if (isReset) reset(operation)
      if (retryAt === null && breaker.view().state !== 'closed') breaker.reset()
      if (retryAt !== null && retryAt > clock.now() && breaker.view().state !== 'open') breaker.open()
    })
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
