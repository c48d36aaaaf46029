import { Link } from '@tanstack/react-router'
import { Button } from '../../ui/button.tsx'
import { useWords } from '../../words/language.tsx'
import { Clips } from './clips/clips.tsx'
import { Choices } from './form/choices.tsx'
import { MainFields } from './form/main-fields.tsx'
import { MoreFields } from './form/more-fields.tsx'
import { SeriesFields } from './form/series-fields.tsx'
import type { Prefill } from './prefill.ts'
import { RoutePanel } from './route/route-panel.tsx'
import { SceneEditor } from './scene/scene-editor.tsx'
import { SendBar } from './send/send-bar.tsx'
import { Sent } from './send/sent.tsx'
import { useDesk } from './use-desk.ts'
import type { DeskState } from './use-desk.ts'
import { studioWords } from './words.ts'

/** The form on the left, the route as it would be on the right, and what was made below. */
export function Desk() {
  const desk = useDesk()
  const { route, characters, prompts, faults } = desk
  return (
    <>
      <PrefillNotice prefill={desk.prefill} />
      <div className="studio">
        <DeskForm desk={desk} />
        <RoutePanel
          route={route}
          characters={characters.data}
          prompts={prompts}
          faultsAtText={faults.scene.length > 0 && faults.others.length === 0}
        />
      </div>
      <Clips clips={desk.clips} onShow={desk.addClip} />
    </>
  )
}

function DeskForm({ desk }: { desk: DeskState }) {
  const { draft, change, isSeveral, text, faults, characters, offers, route, prompts } = desk
  const isEmpty = characters.isLoaded && characters.data.length === 0
  return (
    <form className="studio-form" onSubmit={(event) => event.preventDefault()}>
      <Mode desk={desk} />
      <SceneEditor
        isSeveral={isSeveral}
        text={text}
        faults={faults.scene}
        characters={characters.data}
        onText={desk.setText}
        onOpen={desk.setOpen}
        onSend={() => void desk.send()}
      />
      {isEmpty && <FirstCharacter />}
      <MainFields
        draft={draft}
        change={change}
        offers={offers}
        priority={route.shown?.plans[0]?.priority ?? 'cost'}
      />
      {isSeveral && <SeriesFields draft={draft} change={change} characters={characters.data} />}
      <MoreFields
        draft={draft}
        change={change}
        offers={offers}
        faults={desk.draftFaults}
        files={desk.files}
        onFile={desk.setFile}
      />
      <SendBar
        draft={draft}
        scenes={prompts.length}
        price={route.current?.price ?? null}
        send={desk.sent}
        obstacle={desk.obstacle}
        isAsking={route.isAsking}
        onSend={() => void desk.send()}
      >
        <SentNotice desk={desk} />
      </SendBar>
    </form>
  )
}

function Mode({ desk: { draft, change, forget } }: { desk: DeskState }) {
  const t = useWords(studioWords)
  return (
    <Choices
      legend={t('mode')}
      value={draft.mode}
      options={[
        ['one', t('mode_one')],
        ['several', t('mode_several')],
      ]}
      onChoose={(mode) => {
        forget()
        change({ mode, ...(mode === 'several' && draft.lines === '' && { lines: draft.prompt }) })
      }}
    />
  )
}

function SentNotice({ desk: { sent, isSeveral, draft, taken, setText } }: { desk: DeskState }) {
  return (
    <Sent
      isSeries={isSeveral && draft.sendAs === 'series'}
      count={sent.outcome?.total ?? 0}
      onBringBack={taken === null ? null : () => setText(taken)}
    />
  )
}

function FirstCharacter() {
  const t = useWords(studioWords)
  return (
    <div className="notice row first-character">
      <p>
        <strong>{t('no_characters')}</strong> {t('no_characters_detail')}
      </p>
      <span className="row">
        <Link className="button button-primary" to="/characters/new">
          {t('make_character')}
        </Link>
        <Link className="button" to="/characters/new" search={{ sample: true }}>
          {t('from_sample')}
        </Link>
      </span>
    </div>
  )
}

function PrefillNotice({ prefill: { replaced, hasFailed, undo } }: { prefill: Prefill }) {
  const t = useWords(studioWords)
  if (hasFailed) return <p className="notice studio-notice">{t('from_failed')}</p>
  if (replaced === null) return null
  return (
    <div className="notice row studio-notice" role="status">
      {t('replaced')}
      <Button className="small" onClick={undo}>
        {t('undo')}
      </Button>
    </div>
  )
}
