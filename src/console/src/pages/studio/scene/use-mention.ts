import { useState } from 'react'
import type { KeyboardEvent, RefObject } from 'react'
import { completions, openMention, withMention } from '../../../rules/mentions.ts'
import type { OpenMention } from '../../../rules/mentions.ts'
import type { Character } from './use-characters.ts'

/** More do not fit beside the text. */
const mostShown = 8

export interface Mention {
  open: OpenMention | null
  /** Empty where the list is not shown. */
  options: readonly Character[]
  active: number
  setActive: (index: number) => void
  choose: (character: Character) => void
  /** Whether the key was for the list. */
  onKeyDown: (event: KeyboardEvent) => boolean
  dismiss: () => void
}

/** The completion of the name under the caret. The focus stays in the text; `active` says which option Enter takes. */
export function useMention(
  field: RefObject<HTMLTextAreaElement | null>,
  { text, caret, characters }: { text: string; caret: number | null; characters: readonly Character[] },
  onChange: (text: string, caret: number) => void,
): Mention {
  const [active, setActive] = useState(0)
  const [dismissedAt, setDismissedAt] = useState<number | null>(null)
  const open = caret === null ? null : openMention(text, caret)
  const found = open === null ? [] : completions(characters, open.typed, mostShown)
  const isComplete = found.length === 1 && found[0]?.name === open?.typed
  const options = isComplete || open === null || open.start === dismissedAt ? [] : found
  const at = Math.min(active, Math.max(0, options.length - 1))

  function choose({ name }: Character): void {
    if (open === null) return
    const chosen = withMention(text, open, name)
    setActive(0)
    onChange(chosen.text, chosen.caret)
    field.current?.focus()
  }
  function dismiss(): void {
    setDismissedAt(open?.start ?? null)
  }
  function onKeyDown(event: KeyboardEvent): boolean {
    if (open === null) setDismissedAt(null)
    const { length } = options
    const option = options[at]
    if (option === undefined) return false
    switch (event.key) {
      case 'ArrowDown':
        setActive((at + 1) % length)
        return true
      case 'ArrowUp':
        setActive((at + length - 1) % length)
        return true
      case 'Enter':
      case 'Tab':
        if (event.shiftKey || event.ctrlKey || event.metaKey) return false
        choose(option)
        return true
      case 'Escape':
        dismiss()
        return true
      default:
        setActive(0)
        return false
    }
  }
  return { open, options, active: at, setActive, choose, onKeyDown, dismiss }
}
