import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'

export interface SceneFault {
  detail: string
  /** Where the faulty words stand in the text; null for the whole scene. */
  place: { start: number; end: number } | null
  /** The scene, from 1, where there are several. */
  scene: number | null
  /** The name that nobody has; null where the fault is another one. */
  name: string | null
  /** A name that was probably meant. */
  proposed: string | null
}

/** The faults of the text in words, each with its correction where one is known. */
export function Faults({
  id,
  faults,
  onReplace,
}: {
  id: string
  faults: readonly SceneFault[]
  onReplace: (place: { start: number; end: number }, name: string) => void
}) {
  const t = useWords(studioWords)
  return (
    <ul id={id} className="faults" aria-live="polite">
      {faults.map(({ detail, place, scene, name, proposed }) => (
        <li key={`${scene} ${place?.start} ${detail}`} className="row">
          <span className="fault">
            {scene !== null && `${t('scene_number', { number: scene })}: `}
            {name === null ? detail : t('unknown_name', { name })}
          </span>
          {place !== null && proposed !== null && (
            <Button className="small" onClick={() => onReplace(place, proposed)}>
              {t('use_name', { name: proposed })}
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}
