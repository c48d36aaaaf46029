import { useId } from 'react'
import type { Offers } from '../../../rules/offers.ts'
import type { FilePart, Files } from '../../../rules/studio-request.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'

const pictures = 'image/jpeg,image/png,image/webp'
const accepted: Record<FilePart, string> = {
  reference: `${pictures},video/mp4,video/quicktime`,
  first_frame: pictures,
  last_frame: pictures,
}

interface Props {
  offers: Offers
  files: Files
  onFile: (part: FilePart, file: File | null) => void
}

/** The files that some upstream of the model takes. */
export function FileFields({ offers, files, onFile }: Props) {
  const t = useWords(studioWords)
  const parts = [
    ...(offers.takesReference ? [['reference', t('reference_file')] as const] : []),
    ...(offers.takesFirstFrame ? [['first_frame', t('first_frame')] as const] : []),
    ...(offers.takesLastFrame ? [['last_frame', t('last_frame')] as const] : []),
  ]
  if (parts.length === 0) return null
  return (
    <div className="stack">
      {parts.map(([part, label]) => (
        <FileField
          key={part}
          label={label}
          accept={accepted[part]}
          file={files[part] ?? null}
          onFile={(file) => onFile(part, file)}
        />
      ))}
      <p className="small mute">{t('files_hint')}</p>
    </div>
  )
}

function FileField({
  label,
  accept,
  file,
  onFile,
}: {
  label: string
  accept: string
  file: File | null
  onFile: (file: File | null) => void
}) {
  const t = useWords(studioWords)
  const id = useId()
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {file === null ? (
        <input
          id={id}
          type="file"
          accept={accept}
          onChange={({ target }) => onFile(target.files?.[0] ?? null)}
        />
      ) : (
        <div className="row">
          <span>{file.name}</span>
          <Button className="small" onClick={() => onFile(null)}>
            {t('remove_file', { name: file.name })}
          </Button>
        </div>
      )}
    </div>
  )
}
