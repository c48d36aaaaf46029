import { useState } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { useCan } from '../../../session/use-can.ts'
import { useWords } from '../../../words/language.tsx'
import type { Attempt, Generation } from '../queries.ts'
import { generationWords } from '../words.ts'
import { Exchanges } from './exchanges.tsx'

/** What an operator asks for next: the job's ID, the prompt as sent, where the cost comes from, what the vendor answered. */
export function AttemptDetails({ generation, attempt }: { generation: Generation; attempt: Attempt }) {
  const t = useWords(generationWords)
  const { usd } = useFormat()
  const { vendor_cost_usd: vendorCost, vendor_usage: usage } = attempt
  return (
    <details className="attempt-details">
      <summary>{t('details')}</summary>
      <dl className="details-facts">
        <Fact name="ID" value={<code>{attempt.id}</code>} />
        {attempt.upstream_id !== null && (
          <Fact name={t('vendor_id')} value={<code>{attempt.upstream_id}</code>} />
        )}
        {attempt.candidate_upstream_id !== null && (
          <Fact name={t('candidate_id')} value={<code>{attempt.candidate_upstream_id}</code>} />
        )}
        {attempt.fidelity !== null && <Fact name={t('fidelity')} value={t(`fidelity_${attempt.fidelity}`)} />}
        {attempt.prompt !== null && (
          <Fact name={t('prompt_sent')} value={<q className="prompt-sent">{attempt.prompt}</q>} />
        )}
        <Fact name={t('price_list_cost')} value={usd(attempt.expected_cost_usd)} />
        {vendorCost !== null && <Fact name={t('vendor_cost')} value={usd(vendorCost)} />}
        {usage !== null && <Fact name={t('usage')} value={`${usage.amount} ${usage.unit}`} />}
      </dl>
      <Answers generation={generation} attempt={attempt} />
    </details>
  )
}

/** Read when it is opened; it takes a key that observes. */
function Answers({ generation, attempt }: { generation: Generation; attempt: Attempt }) {
  const t = useWords(generationWords)
  const maySee = useCan('observe', 'operate')
  const [isOpen, setOpen] = useState(false)
  if (!maySee) return null
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('vendor_answered')}</summary>
      <Exchanges generationId={generation.id} attemptId={attempt.id} isOpen={isOpen} />
    </details>
  )
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}
