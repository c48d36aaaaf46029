import { useId } from 'react'
import { mostComparedScenes, scenesWithout, withNames } from '../../../rules/compare-draft.ts'
import { sceneLines } from '../../../rules/scenes.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { compareWords } from '../words/words.ts'
import type { FieldProps } from './field-props.ts'

/** One scene on each line; those that do not name the character are named, and can be mended at once. */
export function ScenesField({ draft, change }: FieldProps) {
  const t = useWords(compareWords)
  const id = useId()
  const scenes = sceneLines(draft.text)
  const lacking = draft.character === '' ? [] : scenesWithout(draft.text, draft.character)
  const isTooMany = scenes.length > mostComparedScenes
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {t('scenes')}
      </label>
      <textarea
        id={id}
        rows={5}
        value={draft.text}
        placeholder={t('scenes_placeholder')}
        aria-describedby={`${id}note`}
        aria-invalid={isTooMany || lacking.length > 0}
        onChange={(event) => change({ text: event.target.value })}
      />
      <div id={`${id}note`} className="row small" aria-live="polite">
        <span className={isTooMany ? 'fault' : 'mute'}>
          {isTooMany ? t('too_many_scenes') : t('scenes_count', { n: scenes.length })}
        </span>
        {lacking.length > 0 && (
          <>
            <span className="fault">
              {t('lacking', { n: lacking.length, list: lacking.map((index) => index + 1).join(', ') })}
            </span>
            <Button
              className="small"
              onClick={() => change({ text: withNames(draft.text, draft.character) })}
            >
              {t('put_name', { name: draft.character })}
            </Button>
          </>
        )}
      </div>
    </div>
  )
}
