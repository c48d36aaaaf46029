import type { Draft } from '../../../rules/studio-draft.ts'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import type { Character } from '../scene/use-characters.ts'
import { Checks, Choices, TextField } from './choices.tsx'
import type { ChangeDraft } from './draft-state.ts'

/** More are named in the scenes. */
const mostShared = 12

/** Whether several scenes are sent one by one or as a series, and what a series has in common. */
export function SeriesFields({
  draft,
  change,
  characters,
}: {
  draft: Draft
  change: ChangeDraft
  characters: readonly Character[]
}) {
  const t = useWords(studioWords)
  const names = [...new Set([...draft.shared, ...characters.slice(0, mostShared).map(({ name }) => name)])]
  return (
    <div className="stack">
      <Choices
        legend={t('send_as')}
        value={draft.sendAs}
        options={[
          ['videos', t('as_videos')],
          ['series', t('as_series')],
        ]}
        onChoose={(sendAs) => change({ sendAs })}
      />
      {draft.sendAs === 'series' && (
        <>
          <p className="small mute">{t('series_hint')}</p>
          <TextField
            label={t('series_name')}
            value={draft.seriesName}
            onText={(seriesName) => change({ seriesName })}
          />
          {names.length > 0 && (
            <Checks
              legend={t('shared')}
              hint={t('shared_hint')}
              values={draft.shared}
              options={names.map((name) => [name, `@${name}`])}
              onChoose={(shared) => change({ shared })}
            />
          )}
        </>
      )}
    </div>
  )
}
