import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Forbidden, Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { About } from './detail/about.tsx'
import { DeleteDialog } from './detail/delete-dialog.tsx'
import { EditDialog } from './detail/edit-dialog.tsx'
import { Figures } from './detail/figures.tsx'
import { ItsGenerations } from './detail/its-generations.tsx'
import { OnUpstreams } from './detail/on-upstreams.tsx'
import { Stills } from './detail/stills.tsx'
import { characterQuery } from './queries.ts'
import type { Character as Shown } from './queries.ts'
import { characterWords } from './words.ts'
import './characters.css'

/** One character: its clip, what it is on each upstream, what was made with it and what that cost. */
export function Character() {
  const t = useWords(characterWords)
  const { id } = useParams({ from: '/characters/$id' })
  const query = useQuery(characterQuery(id))
  const canAct = useCan('generate')
  const { data } = query
  return (
    <>
      <PageHead title={data === undefined ? t('title') : `@${data.name}`}>
        {data !== undefined && canAct && <Actions character={data} />}
      </PageHead>
      <Loaded query={query} bones={10}>
        {(character) => (
          <div className="stack">
            <div className="character-top">
              <About character={character} />
              <div className="stack">
                <Figures id={character.id} />
                <Stills character={character} canAct={canAct} />
              </div>
            </div>
            <OnUpstreams character={character} canAct={canAct} />
            <ItsGenerations id={character.id} />
            {!canAct && <Forbidden scope="generate" />}
          </div>
        )}
      </Loaded>
    </>
  )
}

function Actions({ character }: { character: Shown }) {
  const t = useWords(characterWords)
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null)
  const close = () => setOpen(null)
  return (
    <>
      <Button onClick={() => setOpen('edit')}>{t('edit')}</Button>
      <Button kind="danger" onClick={() => setOpen('delete')}>
        {t('remove')}
      </Button>
      <Link className="button button-primary" to="/studio" search={{ character: character.name }}>
        {t('use_in_studio')}
      </Link>
      {open === 'edit' && <EditDialog character={character} onClose={close} />}
      {open === 'delete' && <DeleteDialog character={character} onClose={close} />}
    </>
  )
}
