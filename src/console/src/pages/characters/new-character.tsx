import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { nameFault } from '../../rules/character-name.ts'
import { faultAt, otherFaults } from '../../rules/faults.ts'
import { useSession } from '../../session/session.ts'
import { useCan } from '../../session/use-can.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { Failure, Forbidden } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { Identity } from './make/identity.tsx'
import type { Told } from './make/identity.tsx'
import { PartPanel, usePartOf } from './make/part-panel.tsx'
import { SourcePanel } from './make/source-panel.tsx'
import { clipSource } from './make/source.ts'
import type { Chosen } from './make/source.ts'
import { usePreview } from './make/use-preview.ts'
import { useSample } from './make/use-sample.ts'
import { useSending } from './make/use-sending.ts'
import { characterWords } from './words.ts'
import './characters.css'
import './make/make.css'

/** The fields of the gateway that this page has, by what shows their faults. */
const sourcePointers = ['/video', '/video_url', '/generation_id', '/pictures']
const partPointers = ['/clip', '/clip_start', '/clip_end']
const toldPointers = ['/name', '/description', '/voice', '/voice_url']

export function NewCharacter() {
  const t = useWords(characterWords)
  const { session } = useSession()
  const canMake = useCan('generate')
  return (
    <>
      <PageHead title={t('make')} />
      {session !== null && !canMake ? <Forbidden scope="generate" /> : <Maker />}
    </>
  )
}

function useChosen() {
  const { generation = null, sample } = useSearch({ from: '/characters/new' })
  const [chosen, setChosen] = useState<Chosen>({
    type: sample ? 'sample' : generation === null ? 'file' : 'generation',
    file: null,
    url: '',
    generation,
    sample: null,
  })
  const read = useSample(chosen.type === 'sample')
  const source = clipSource({ ...chosen, sample: read.data ?? null })
  return { chosen, change: (more: Partial<Chosen>) => setChosen({ ...chosen, ...more }), read, source }
}

/** A key of the source, so that another one begins with its own part. */
function keyOf({ chosen, source }: ReturnType<typeof useChosen>): string | null {
  if (source === null) return null
  const { file, generation, type } = chosen
  return [type, file?.name, file?.lastModified, type === 'generation' ? generation : ''].join(' ')
}

function Maker() {
  const t = useWords(characterWords)
  const from = useChosen()
  const { source } = from
  const partOf = usePartOf(keyOf(from), usePreview(source))
  const [told, setTold] = useState<Told>({ name: '', description: '', voice: null })
  const [isTried, setTried] = useState(false)
  const sending = useSending()
  const { error } = sending
  const { part } = partOf

  function submit() {
    setTried(true)
    if (source === null || part.fault !== null || nameFault(told.name) !== null) return
    sending.send({ source, span: part.asked, ...told })
  }

  const missing =
    isTried && source === null ? t(from.chosen.type === 'url' ? 'url_missing' : 'source_missing') : null
  return (
    <form
      className="make"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className="stack">
        <SourcePanel
          chosen={from.chosen}
          onChange={from.change}
          sample={from.read}
          fault={missing ?? faultAt(error, ...sourcePointers)}
        />
        {source !== null && <PartPanel {...partOf} fault={faultAt(error, ...partPointers)} />}
      </div>
      <div className="stack">
        <Identity told={told} onChange={setTold} isTried={isTried} sending={sending} />
        {error !== null && otherFaults(error, [...sourcePointers, ...partPointers, ...toldPointers]) && (
          <Failure error={error} />
        )}
      </div>
    </form>
  )
}
