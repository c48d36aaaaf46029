import { useId, useState } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { useWords } from '../../../words/language.tsx'
import { characterWords } from '../words.ts'

interface Props {
  file: File | null
  onFile: (file: File) => void
}

/** A place to drop a video; it is also the button that chooses one. */
export function DropField({ file, onFile }: Props) {
  const t = useWords(characterWords)
  const { bytes } = useFormat()
  const id = useId()
  const [isOver, setOver] = useState(false)
  const [isWrong, setWrong] = useState(false)
  const take = (chosen: File | undefined) => {
    if (chosen === undefined) return
    // The type is the browser's guess by the name; the gateway looks at the bytes.
    const isOther = chosen.type !== '' && !chosen.type.startsWith('video/')
    setWrong(isOther)
    if (!isOther) onFile(chosen)
  }
  return (
    <div className="stack-tight">
      <label
        className="drop"
        data-over={isOver}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          take(event.dataTransfer.files[0])
        }}
      >
        <input
          className="visually-hidden"
          type="file"
          accept="video/*"
          aria-invalid={isWrong}
          aria-describedby={isWrong ? id : undefined}
          onChange={(event) => take(event.target.files?.[0])}
        />
        {file === null ? t('drop') : t('chosen', { name: file.name, size: bytes(file.size) })}
      </label>
      {isWrong && (
        <p id={id} className="small fault" role="alert">
          {t('not_a_video')}
        </p>
      )}
    </div>
  )
}
