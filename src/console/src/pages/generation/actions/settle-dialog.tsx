import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { FormEvent } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { coreWords } from '../../../words/core.ts'
import { settlementOf, verdictsFor } from '../../../rules/settlement.ts'
import type { Verdict } from '../../../rules/settlement.ts'
import { generationKey } from '../queries.ts'
import type { Attempt } from '../queries.ts'
import { generationWords } from '../words.ts'

interface Props {
  generationId: string
  attempt: Attempt
  close: () => void
}

/** What a person found out about an attempt: at the vendor, or on its bill. */
export function SettleDialog({ generationId, attempt, close }: Props) {
  const t = useWords(generationWords)
  const core = useWords(coreWords)
  const client = useQueryClient()
  const verdicts = verdictsFor(attempt.state)
  const [verdict, setVerdict] = useState<Verdict>(verdicts[0])
  const [isCharged, setCharged] = useState(false)
  const { id, upstream } = attempt
  const settling = useMutation({
    mutationFn: (form: FormData) =>
      bodyOf(
        api.POST('/attempts/{id}/resolve', { params: { path: { id } }, body: settlementOf(verdict, form) }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: generationKey(generationId) })
      void client.invalidateQueries({ queryKey: ['generations'] })
      close()
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    settling.mutate(new FormData(event.currentTarget))
  }
  const asksCost = verdict === 'charged' || (verdict === 'not_taken' && isCharged)
  return (
    <Dialog title={t('settle_title', { upstream })} onClose={close}>
      <form className="stack" onSubmit={submit}>
        <Choices verdicts={verdicts} chosen={verdict} choose={setVerdict} />
        {verdict === 'taken' && (
          <label className="field">
            <span className="field-label">{t('field_vendor_id')}</span>
            <input
              name="upstream_id"
              required
              autoComplete="off"
              spellCheck={false}
              defaultValue={attempt.candidate_upstream_id ?? ''}
            />
          </label>
        )}
        {verdict === 'not_taken' && (
          <label className="row-tight">
            <input
              type="checkbox"
              name="charged"
              checked={isCharged}
              onChange={(event) => setCharged(event.currentTarget.checked)}
            />
            {t('field_charged')}
          </label>
        )}
        {asksCost && (
          <label className="field">
            <span className="field-label">
              {t('field_cost')} · {t('field_cost_hint')}
            </span>
            <input name="cost_usd" type="number" min="0" max="1000000" step="any" inputMode="decimal" />
          </label>
        )}
        <label className="field">
          <span className="field-label">
            {t('field_note')} · {t('field_note_hint')}
          </span>
          <textarea name="note" required maxLength={2000} rows={3} />
        </label>
        {settling.error !== null && <Failure error={settling.error} />}
        <div className="dialog-actions">
          <Button onClick={close}>{core('cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={settling.isPending}>
            {t('settle')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface ChoicesProps {
  verdicts: readonly Verdict[]
  chosen: Verdict
  choose: (verdict: Verdict) => void
}

function Choices({ verdicts, chosen, choose }: ChoicesProps) {
  const t = useWords(generationWords)
  return (
    <fieldset className="choices">
      <legend>{t('settle_question')}</legend>
      {verdicts.map((verdict) => (
        <label key={verdict} className="choice">
          <input
            type="radio"
            name="verdict"
            value={verdict}
            checked={verdict === chosen}
            onChange={() => choose(verdict)}
          />
          {t(`choice_${verdict}`)}
        </label>
      ))}
      <p className="small mute">{t(`choice_${chosen}_hint`)}</p>
    </fieldset>
  )
}
