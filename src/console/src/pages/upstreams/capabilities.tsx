import { useFormat } from '../../format/use-format.ts'
import { useWords } from '../../words/language.tsx'
import type { Upstream } from './queries.ts'
import { upstreamWords } from './words.ts'

/** What it takes, as it is configured. */
export function Capabilities({ upstream }: { upstream: Upstream }) {
  const t = useWords(upstreamWords)
  const { seconds, number } = useFormat()
  const { models, durations, sizes, references, max_prompt_characters: longest } = upstream
  const characters = t(`cap_characters_${upstream.characters}`, { n: number(upstream.max_characters) })
  const facts: Array<[name: string, value: string]> = [
    [t('cap_models'), models.join(', ')],
    [t('cap_durations'), durations === null ? t('cap_any') : durations.map(seconds).join(', ')],
    [t('cap_sizes'), sizes === null ? t('cap_any') : sizes.join(', ')],
    [t('cap_characters'), characters],
    [t('cap_references'), references.length === 0 ? t('cap_none') : references.join(', ')],
    [t('cap_prompt'), longest === null ? t('cap_any') : t('cap_prompt_characters', { n: number(longest) })],
    [t('cap_charged'), t(`charged_${upstream.charged_on}`)],
    [t('cap_dialect'), upstream.dialect],
  ]
  return (
    <section className="panel stack" aria-labelledby="capabilities-title">
      <h2 id="capabilities-title">{t('capabilities_title')}</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
    </section>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}
