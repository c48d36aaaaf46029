import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useProblemText } from '../../api/use-problem-text.ts'
import { useClock } from '../../format/use-clock.ts'
import { overallPause } from '../../rules/upstream-state.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { Glyph } from '../../ui/glyphs.tsx'
import { useWords } from '../../words/language.tsx'
import { upstreamsQuery } from '../upstreams/queries.ts'
import { pauseSentence } from '../upstreams/use-sentences.ts'
import { upstreamWords } from '../upstreams/words.ts'
import { ReleaseDialog, ResumeAllDialog } from './gateway-dialogs.tsx'
import { readinessQuery } from './queries.ts'
import { troubleOf } from '../../rules/readiness.ts'
import type { Check } from '../../rules/readiness.ts'
import { overviewWords } from './words.ts'

/** What is the matter with the gateway as a whole, on top of everything, with what to do about it. */
export function Notices() {
  const { data: checks, error } = useQuery(readinessQuery)
  const upstreams = useQuery(upstreamsQuery)
  const pause = overallPause(upstreams.data?.data ?? [])
  const { failing, restore } = troubleOf(checks ?? [])
  return (
    <>
      {error !== null && checks === undefined && <Unreachable error={error} />}
      {failing.length > 0 && <NotReady failing={failing} />}
      {restore !== null && <Restored check={restore} />}
      {pause !== null && <Paused pause={pause} />}
    </>
  )
}

function Notice({
  title,
  tone,
  children,
  act,
}: {
  title: string
  tone: 'warn' | 'bad'
  children: ReactNode
  act?: ReactNode
}) {
  return (
    <section className={`gateway-notice gateway-notice-${tone}`} aria-label={title}>
      <span className={`tone-${tone}`}>
        <Glyph name="exclamation" />
      </span>
      <div className="gateway-notice-words">
        <p className="gateway-notice-title">{title}</p>
        {children}
      </div>
      {act}
    </section>
  )
}

function Unreachable({ error }: { error: Error }) {
  const t = useWords(overviewWords)
  const textOf = useProblemText()
  return (
    <Notice title={t('unreachable_title')} tone="bad">
      <p>{textOf(error)}</p>
    </Notice>
  )
}

const explained = ['storage', 'media', 'workers', 'upstreams'] as const

function NotReady({ failing }: { failing: readonly Check[] }) {
  const t = useWords(overviewWords)
  return (
    <Notice title={t('not_ready_title')} tone="bad">
      {failing.map(({ name, detail }) => {
        const known = explained.find((each) => each === name)
        return (
          <p key={name}>
            {known === undefined ? name : t(`check_${known}`)}
            {detail !== null && <span className="mute"> {detail}</span>}
          </p>
        )
      })}
    </Notice>
  )
}

function Restored({ check }: { check: Check }) {
  const t = useWords(overviewWords)
  const mayOperate = useCan('operate')
  const [isOpen, setOpen] = useState(false)
  return (
    <Notice
      title={t('restored_title')}
      tone="warn"
      act={mayOperate && <Button onClick={() => setOpen(true)}>{t('release')}</Button>}
    >
      <p>{t('restored_more')}</p>
      <p className="small mute">{check.detail}</p>
      {!mayOperate && <p className="small">{t('resume_takes')}</p>}
      {isOpen && <ReleaseDialog onClose={() => setOpen(false)} />}
    </Notice>
  )
}

function Paused({
  pause,
}: {
  pause: NonNullable<ReturnType<typeof overallPause>> & Parameters<typeof pauseSentence>[0]
}) {
  const t = useWords(overviewWords)
  const words = useWords(upstreamWords)
  const { clock } = useClock()
  const mayOperate = useCan('operate')
  const [isOpen, setOpen] = useState(false)
  return (
    <Notice
      title={t('paused_title')}
      tone="warn"
      act={
        mayOperate && (
          <Button kind="primary" onClick={() => setOpen(true)}>
            {t('resume_all')}
          </Button>
        )
      }
    >
      <p>{pauseSentence(pause, words, clock)}</p>
      <p className="small mute">{t('paused_more')}</p>
      {!mayOperate && <p className="small">{t('resume_takes')}</p>}
      {isOpen && <ResumeAllDialog onClose={() => setOpen(false)} />}
    </Notice>
  )
}
