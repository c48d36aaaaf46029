import type { ReactNode } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import type { Draft } from '../../../rules/studio-draft.ts'
import type { Price } from '../../../rules/price-words.ts'
import { Button } from '../../../ui/button.tsx'
import { Glyph } from '../../../ui/glyphs.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import type { SendOutcome, SendState } from './use-send.ts'

interface Props {
  draft: Draft
  scenes: number
  price: Price | null
  send: SendState
  /** Why it cannot be sent as it is; null where it can. */
  obstacle: string | null
  isAsking: boolean
  onSend: () => void
  /** Under a sending that went well. */
  children?: ReactNode
}

/** The button that carries the price, and what became of the last sending. */
export function SendBar({ draft, scenes, price, send, obstacle, isAsking, onSend, children }: Props) {
  const label = useLabel(draft, scenes, price)
  const t = useWords(studioWords)
  const { phase, outcome } = send
  return (
    <div className="send-bar">
      <Button
        kind="primary"
        className="send"
        isBusy={phase !== 'idle'}
        aria-disabled={phase !== 'idle' || price === null || obstacle !== null || undefined}
        aria-describedby="send-note"
        aria-keyshortcuts="Control+Enter"
        onClick={onSend}
      >
        {phase === 'sent' && <Glyph name="tick" />}
        {phase === 'sending' ? t('sending') : phase === 'sent' ? t('sent') : isAsking ? t('pricing') : label}
      </Button>
      <p id="send-note" className="small mute">
        {obstacle}
      </p>
      <div role="status">{outcome !== null && outcome.problem === null && children}</div>
      {outcome?.problem != null && <NotSent outcome={outcome} onSend={onSend} />}
    </div>
  )
}

function useLabel(draft: Draft, scenes: number, price: Price | null): string {
  const t = useWords(studioWords)
  const { usd } = useFormat()
  if (price === null) return t('generate')
  const amount = usd(price.estimatedUsd)
  if (draft.mode === 'one') return t('generate_price', { price: amount })
  return draft.sendAs === 'series'
    ? t('generate_series', { price: amount })
    : t('generate_many', { n: scenes, price: amount })
}

function NotSent({ outcome, onSend }: { outcome: SendOutcome; onSend: () => void }) {
  const t = useWords(studioWords)
  const { problem, isOpen, accepted, total } = outcome
  return (
    <div className="failure" role="alert">
      <p>
        <strong>{isOpen ? t('open_title') : t('not_sent')}</strong> {problem?.message}
      </p>
      {accepted.length > 0 && <p>{t('some_sent', { n: accepted.length, total })}</p>}
      {isOpen && <p className="small">{t('open_detail')}</p>}
      {isOpen && <Button onClick={onSend}>{t('send_again')}</Button>}
    </div>
  )
}
