import { useId } from 'react'
import type { KeyboardEvent } from 'react'
import { aspects, pointsOfKey } from '../../../rules/scores.ts'
import type { Aspect, DraftPoints } from '../../../rules/scores.ts'
import { useWords } from '../../../words/language.tsx'
import { areSingleKeysOn } from '../../../keyboard/single-keys.ts'
import type { Playback } from '../play/playback.ts'
import { playKeys } from '../play/transport.tsx'
import { compareWords } from '../words/words.ts'

interface Props {
  who: string
  points: DraftPoints
  playback: Playback
  onSet: (aspect: Aspect, points: number) => void
  onNext: () => void
}

/** Where the focus goes from one slider: to the next one, and from the last to the button that saves. */
function focusNext(from: HTMLElement): void {
  const stops = [...document.querySelectorAll<HTMLElement>('.score-slider, [data-next]')]
  stops[stops.indexOf(from) + 1]?.focus()
}

/** Face, clothing, style; `1` to `5` set one and go on, Enter saves. */
export function Sliders({ who, points, playback, onSet, onNext }: Props) {
  const t = useWords(compareWords)
  const id = useId()
  function press(event: KeyboardEvent<HTMLInputElement>, aspect: Aspect) {
    const given = pointsOfKey(event.key)
    if (event.key === 'Enter') {
      event.preventDefault()
      onNext()
    } else if (given !== null && areSingleKeysOn() && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      onSet(aspect, given)
      focusNext(event.currentTarget)
    } else playKeys(event, playback)
  }
  return (
    <div className="sliders">
      {aspects.map((aspect) => {
        const given = points[aspect]
        return (
          <div key={aspect} className={given === null ? 'slider slider-empty' : 'slider'}>
            <label htmlFor={`${id}${aspect}`}>{t(aspect)}</label>
            <input
              id={`${id}${aspect}`}
              className="score-slider"
              type="range"
              min={0}
              max={100}
              step={5}
              value={given ?? 50}
              aria-label={t('points_of', { aspect: t(aspect), who })}
              aria-valuetext={given === null ? t('no_points') : t('points', { n: given })}
              onChange={(event) => onSet(aspect, Number(event.target.value))}
              onKeyDown={(event) => press(event, aspect)}
            />
            <output className="mono" htmlFor={`${id}${aspect}`}>
              {given ?? '–'}
            </output>
          </div>
        )
      })}
    </div>
  )
}
