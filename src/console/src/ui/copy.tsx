import { useState } from 'react'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { Button } from './button.tsx'

/** Copies `text`. Browsers have a clipboard on https and on loopback only; elsewhere there is no button, and the text is selected by hand. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const t = useWords(coreWords)
  const [isCopied, setCopied] = useState(false)
  if (!window.isSecureContext) return null
  async function copy() {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <Button kind="quiet" className="small" onClick={() => void copy()}>
      {isCopied ? t('copied') : (label ?? t('copy'))}
    </Button>
  )
}
