import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { moneyOf } from '../../../rules/money-words.ts'
import { rowState } from '../../../rules/row-state.ts'
import { Money } from '../../../ui/money.tsx'
import { Loaded } from '../../../ui/panel.tsx'
import { StatePill } from '../../../ui/pill.tsx'
import { Thumb } from '../../../ui/thumb.tsx'
import { useWords } from '../../../words/language.tsx'
import { newestQuery } from '../queries.ts'
import { characterWords } from '../words.ts'

/** The newest scenes that it is in. */
export function ItsGenerations({ id }: { id: string }) {
  const t = useWords(characterWords)
  return (
    <section className="panel panel-flush" aria-labelledby="its-generations-title">
      <div className="panel-title">
        <h2 id="its-generations-title">{t('its_generations')}</h2>
        <Link to="/generations" search={{ character: id }}>
          {t('all_generations')}
        </Link>
      </div>
      <Loaded query={useQuery(newestQuery({ character: id }))} bones={3}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="panel-words mute">{t('its_generations_none')}</p>
          ) : (
            <ul className="character-scenes">
              {data.map((generation) => (
                <li key={generation.id}>
                  <Thumb src={generation.video === null ? null : `/generations/${generation.id}/thumbnail`} />
                  <Link
                    className="character-scene-words"
                    to="/generations/$id"
                    params={{ id: generation.id }}
                  >
                    {generation.prompt ?? generation.id}
                  </Link>
                  <StatePill state={rowState(generation)} />
                  <Money {...moneyOf(generation)} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  )
}
