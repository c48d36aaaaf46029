import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useSession } from '../../session/session.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Empty, Forbidden, Loaded } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { CharacterCard } from './parts/character-card.tsx'
import { charactersQuery, spendQuery } from './queries.ts'
import type { Character } from './queries.ts'
import { characterWords } from './words.ts'
import './characters.css'

/** All characters of the tenant as posters. */
export function Characters() {
  const t = useWords(characterWords)
  const { session } = useSession()
  const canRead = useCan('read', 'generate')
  const canMake = useCan('generate')
  if (session !== null && !canRead)
    return (
      <>
        <PageHead title={t('title')} />
        <Forbidden scope="read" />
      </>
    )
  return (
    <>
      <PageHead title={t('title')}>
        <SearchField />
        {canMake && (
          <Link className="button button-primary" to="/characters/new">
            {t('make')}
          </Link>
        )}
      </PageHead>
      <List canMake={canMake} />
      {!canMake && <Forbidden scope="generate" />}
    </>
  )
}

function SearchField() {
  const t = useWords(characterWords)
  const { q = '' } = useSearch({ from: '/characters' })
  const navigate = useNavigate({ from: '/characters' })
  return (
    <input
      type="search"
      className="characters-search"
      aria-label={t('search')}
      placeholder={t('search')}
      value={q}
      maxLength={200}
      onChange={(event) =>
        void navigate({ search: { q: event.target.value || undefined }, replace: true, resetScroll: false })
      }
    />
  )
}

function List({ canMake }: { canMake: boolean }) {
  const core = useWords(coreWords)
  const { q } = useSearch({ from: '/characters' })
  const query = useInfiniteQuery(charactersQuery(q))
  return (
    <Loaded query={query} bones={8}>
      {({ pages }) => {
        const characters = pages.flatMap(({ data }) => data)
        if (characters.length === 0) return <None isSearch={q !== undefined} canMake={canMake} />
        return (
          <>
            <Grid characters={characters} />
            {query.hasNextPage && (
              <p className="characters-more">
                <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {core('show_more')}
                </Button>
              </p>
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function Grid({ characters }: { characters: readonly Character[] }) {
  const { data: spends } = useQuery(spendQuery)
  return (
    <ul className="characters-grid">
      {characters.map((character) => (
        <CharacterCard key={character.id} character={character} spend={spends?.get(character.id)} />
      ))}
    </ul>
  )
}

function None({ isSearch, canMake }: { isSearch: boolean; canMake: boolean }) {
  const t = useWords(characterWords)
  const core = useWords(coreWords)
  if (isSearch)
    return (
      <Empty title={t('none_found')}>
        <Link className="button" to="/characters" search={{}}>
          {core('show_all')}
        </Link>
      </Empty>
    )
  return (
    <Empty title={t('none_title')}>
      <p>{t('none_detail')}</p>
      {canMake && (
        <Link className="button" to="/characters/new" search={{ sample: true }}>
          {t('make_from_sample')}
        </Link>
      )}
    </Empty>
  )
}
