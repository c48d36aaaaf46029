import { mostUpstreams } from '../../../rules/compare-draft.ts'
import { KindLetter } from '../../../ui/kind-letter.tsx'
import { useWords } from '../../../words/language.tsx'
import { compareWords } from '../words/words.ts'
import type { FieldProps } from './field-props.ts'
import { useModels } from './use-models.ts'

export function UpstreamsField({ draft, change }: FieldProps) {
  const t = useWords(compareWords)
  const { upstreams, isLoaded } = useModels()
  if (isLoaded && upstreams.length === 0) return <p className="notice">{t('no_upstreams')}</p>
  const isFull = draft.upstreams.length >= mostUpstreams
  return (
    <fieldset className="choices">
      <legend>
        {t('upstreams')} · {t('upstreams_hint')}
      </legend>
      {upstreams.map(({ upstream, kind, available }) => {
        const isChosen = draft.upstreams.includes(upstream)
        return (
          <label key={upstream} className="choice">
            <input
              type="checkbox"
              checked={isChosen}
              disabled={isFull && !isChosen}
              onChange={(event) =>
                change({
                  // In the order of the configuration, whatever was pressed first.
                  upstreams: upstreams
                    .map(({ upstream: each }) => each)
                    .filter((each) =>
                      each === upstream ? event.target.checked : draft.upstreams.includes(each),
                    ),
                })
              }
            />
            <KindLetter kind={kind} />
            {upstream}
            {!available && <span className="small tone-warn">{t('unavailable')}</span>}
          </label>
        )
      })}
    </fieldset>
  )
}
