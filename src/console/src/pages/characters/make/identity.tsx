import { useId } from 'react'
import { faultAt } from '../../../rules/faults.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { NameField } from '../parts/name-field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { characterWords } from '../words.ts'
import { SendingBar } from './sending-bar.tsx'
import type { useSending } from './use-sending.ts'

/** What is told of the character beside its clip. */
export interface Told {
  name: string
  description: string
  voice: File | null
}

interface Props {
  told: Told
  onChange: (told: Told) => void
  /** Whether somebody tried to send it, so that what is missing is said. */
  isTried: boolean
  sending: ReturnType<typeof useSending>
}

export function Identity({ told, onChange, isTried, sending }: Props) {
  const t = useWords(characterWords)
  const { error, isPending, isStopped, progress, stop } = sending
  return (
    <section className="panel stack" aria-label={t('about')}>
      <NameField
        name={told.name}
        setName={(name) => onChange({ ...told, name })}
        fault={faultAt(error, '/name')}
        isSent={isTried}
      />
      <TextField
        label={t('description')}
        hint={t('description_hint')}
        value={told.description}
        onChange={(description) => onChange({ ...told, description })}
        fault={faultAt(error, '/description')}
      />
      <VoiceField
        onFile={(voice) => onChange({ ...told, voice })}
        fault={faultAt(error, '/voice', '/voice_url')}
      />
      {isStopped && <p role="status">{t('stopped')}</p>}
      {progress !== null && <SendingBar progress={progress} onStop={stop} />}
      <p>
        <Button kind="primary" type="submit" isBusy={isPending}>
          {t('create')}
        </Button>
      </p>
    </section>
  )
}

function VoiceField({ onFile, fault }: { onFile: (file: File | null) => void; fault: string | null }) {
  const t = useWords(characterWords)
  const id = useId()
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {t('voice')}
      </label>
      <input
        id={id}
        type="file"
        accept="audio/*"
        aria-invalid={fault !== null}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onFile(event.target.files?.[0] ?? null)}
      />
      <p id={`${id}-hint`} className={fault === null ? 'small mute' : 'small fault'}>
        {fault ?? t('voice_hint')}
      </p>
    </div>
  )
}
