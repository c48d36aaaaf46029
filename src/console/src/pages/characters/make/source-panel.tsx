import { useId } from 'react'
import { Loaded } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { characterWords } from '../words.ts'
import { useSaid } from '../parts/use-said.ts'
import { DropField } from './drop-field.tsx'
import { GenerationField } from './generation-field.tsx'
import { sourceTypes } from './source.ts'
import type { Chosen } from './source.ts'
import type { useSample } from './use-sample.ts'

interface Props {
  chosen: Chosen
  onChange: (change: Partial<Chosen>) => void
  sample: ReturnType<typeof useSample>
  fault: string | null
}

/** Where the clip comes from: a file, an address, a video of this gateway, or the sample. */
export function SourcePanel({ chosen, onChange, sample, fault }: Props) {
  const t = useWords(characterWords)
  const name = useId()
  return (
    <section className="panel stack">
      <fieldset className="choices">
        <legend>{t('source')}</legend>
        {sourceTypes.map((type) => (
          <label key={type} className="choice">
            <input
              type="radio"
              name={name}
              checked={chosen.type === type}
              onChange={() => onChange({ type })}
            />
            {t(`source_${type}`)}
          </label>
        ))}
      </fieldset>
      {chosen.type === 'file' && <DropField file={chosen.file} onFile={(file) => onChange({ file })} />}
      {chosen.type === 'url' && (
        <UrlField url={chosen.url} onType={(url) => onChange({ url })} fault={fault} />
      )}
      {chosen.type === 'generation' && (
        <GenerationField chosen={chosen.generation} onChoose={(generation) => onChange({ generation })} />
      )}
      {chosen.type === 'sample' && (
        <Loaded query={sample} bones={1}>
          {() => <p className="small mute">{t('sample_about')}</p>}
        </Loaded>
      )}
      {fault !== null && chosen.type !== 'url' && (
        <p className="small fault" role="alert">
          {fault}
        </p>
      )}
    </section>
  )
}

function UrlField({
  url,
  onType,
  fault,
}: {
  url: string
  onType: (url: string) => void
  fault: string | null
}) {
  const t = useWords(characterWords)
  const id = useId()
  const said = useSaid(fault, url)
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {t('url')}
      </label>
      <input
        id={id}
        type="url"
        inputMode="url"
        autoComplete="off"
        placeholder="https://"
        value={url}
        aria-invalid={said !== null}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onType(event.target.value)}
      />
      <p id={`${id}-hint`} className={said === null ? 'small mute' : 'small fault'}>
        {said ?? t('url_hint')}
      </p>
    </div>
  )
}
