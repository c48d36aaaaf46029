import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../../ui/panel.tsx'
import { Thumb } from '../../../ui/thumb.tsx'
import { useWords } from '../../../words/language.tsx'
import { newestQuery } from '../queries.ts'
import { characterWords } from '../words.ts'

interface Props {
  chosen: string | null
  onChoose: (id: string) => void
}

/** The newest videos of this gateway, of which one is the clip. */
export function GenerationField({ chosen, onChoose }: Props) {
  const t = useWords(characterWords)
  return (
    <Loaded query={useQuery(newestQuery({ status: 'completed' }))} bones={3}>
      {({ data }) => {
        const videos = data.filter(({ video }) => video !== null)
        if (videos.length === 0 && chosen === null) return <p className="mute">{t('no_generations')}</p>
        return (
          <fieldset className="video-choices">
            <legend className="visually-hidden">{t('pick_generation')}</legend>
            {chosen !== null && !videos.some(({ id }) => id === chosen) && (
              <p className="small mute">{t('older_generation', { id: chosen })}</p>
            )}
            {videos.map(({ id, prompt }) => (
              <label key={id} className="video-choice">
                <input type="radio" name="generation" checked={id === chosen} onChange={() => onChoose(id)} />
                <Thumb src={`/generations/${id}/thumbnail`} />
                <span className="video-choice-words small">{prompt ?? id}</span>
              </label>
            ))}
          </fieldset>
        )
      }}
    </Loaded>
  )
}
