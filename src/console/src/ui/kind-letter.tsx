import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'

export type Kind = 'official' | 'reverse' | 'self_hosted'

const letters: Record<Kind, string> = { official: 'O', reverse: 'R', self_hosted: 'S' }

/** O, R or S in a box; the word on hover and for screen readers. */
export function KindLetter({ kind }: { kind: Kind }) {
  const t = useWords(coreWords)
  const word = t(`kind_${kind}`)
  return (
    <abbr className="kind" title={word}>
      <span aria-hidden="true">{letters[kind]}</span>
      <span className="visually-hidden">{word}</span>
    </abbr>
  )
}
