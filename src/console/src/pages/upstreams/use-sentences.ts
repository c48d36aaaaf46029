import { useClock } from '../../format/use-clock.ts'
import { useFormat } from '../../format/use-format.ts'
import { breakerNames, upstreamState } from '../../rules/upstream-state.ts'
import { useWords } from '../../words/language.tsx'
import type { Translate } from '../../words/language.tsx'
import type { Upstream } from './queries.ts'
import { upstreamWords } from './words.ts'

type Words = Translate<(typeof upstreamWords)['en']>
type Clock = ReturnType<typeof useClock>['clock']

/** What is the matter with an upstream, a sentence for each thing, the most pressing first. None if it is ready. */
export function useSentences(): (upstream: Upstream) => string[] {
  const t = useWords(upstreamWords)
  const { clock } = useClock()
  const { usd } = useFormat()
  return (upstream) => {
    const { pause, spend, health } = upstream
    const state = upstreamState(upstream)
    return [
      ...(state === 'disabled' ? [t('says_disabled')] : []),
      ...(pause === null ? [] : [pauseSentence(pause, t, clock)]),
      ...breakerSentences(upstream, t, clock),
      ...upstream.outages.map(({ model, reason, until }) =>
        t('says_outage', { model, reason, time: clock(until) }),
      ),
      ...(state === 'over_cap' && spend !== null
        ? [t('says_over_cap', { cap: usd(spend.cap_usd ?? 0), time: clock(spend.resets_at) })]
        : []),
      ...(state === 'full' ? [t('says_full', { n: health.max_in_flight ?? 0 })] : []),
    ]
  }
}

export function pauseSentence(pause: NonNullable<Upstream['pause']>, t: Words, clock: Clock): string {
  const { upstream, by, reason, since, until } = pause
  const said = upstream === null ? 'says_paused_all' : 'says_paused'
  return until === null
    ? t(said, { by, reason, since: clock(since) })
    : t(`${said}_until`, { by, reason, until: clock(until) })
}

function breakerSentences({ breakers }: Upstream, t: Words, clock: Clock): string[] {
  return breakerNames.flatMap((name) => {
    const { state, retry_at: at } = breakers[name]
    if (state === 'closed') return []
    if (name === 'create' && state === 'half_open') return [t('says_create_trying')]
    return [t(`says_${name}_open`, { time: at === null ? t('soon') : clock(at) })]
  })
}
