import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { Button } from '../../../ui/button.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { characterQuery } from '../queries.ts'
import type { Character } from '../queries.ts'
import { characterWords } from '../words.ts'

/** The pictures for upstreams that take no clip. */
export function Stills({ character, canAct }: { character: Character; canAct: boolean }) {
  const t = useWords(characterWords)
  const client = useQueryClient()
  const { id, stills } = character
  const cut = useMutation({
    mutationFn: () => bodyOf(api.GET('/characters/{id}/stills', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: characterQuery(id).queryKey }),
  })
  return (
    <section className="panel stack" aria-labelledby="stills-title">
      <div>
        <h2 id="stills-title">{t('stills')}</h2>
        <p className="small mute">
          {t('stills_hint')} {stills === null && t('stills_none')}
        </p>
      </div>
      {cut.error !== null && <Failure error={cut.error} />}
      {stills === null && canAct && (
        <p>
          <Button isBusy={cut.isPending} onClick={() => cut.mutate()}>
            {t('stills_cut')}
          </Button>
        </p>
      )}
      {stills !== null && (
        <ul className="character-stills">
          {stills.pictures.map(({ url, sha256 }, index) => (
            <li key={`${sha256}-${url}`}>
              <img src={url} alt={t('still', { n: index + 1 })} loading="lazy" />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
