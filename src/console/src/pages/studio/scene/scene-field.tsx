import { useId, useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import type { OpenMention } from '../../../rules/mentions.ts'
import { segmentsOf } from '../../../rules/segments.ts'
import type { Mark, Segment } from '../../../rules/segments.ts'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import { MentionList, optionId } from './mention-list.tsx'
import { useMention } from './use-mention.ts'
import type { Character } from './use-characters.ts'

interface Props {
  label: string
  hint: ReactNode
  placeholder: string
  text: string
  marks: readonly Mark[]
  characters: readonly Character[]
  /** Of the words about faults; null where there are none. */
  faultsId: string | null
  onText: (text: string) => void
  /** The name under the caret; null where there is none, and outside of the field. */
  onOpen: (open: OpenMention | null) => void
  onSend: () => void
}

/** A composition of Chinese, Japanese or Korean letters owns Enter and the arrows. Safari says so by the code 229 only. */
function isComposing({ nativeEvent }: KeyboardEvent): boolean {
  return nativeEvent.isComposing || ('keyCode' in nativeEvent && nativeEvent.keyCode === 229)
}

/** The text of a scene. A layer behind it marks characters and faults; the list of names stands at the `@`. */
export function SceneField(props: Props) {
  const { label, hint, placeholder, text, marks, characters, faultsId, onText, onOpen, onSend } = props
  const t = useWords(studioWords)
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const [caret, setCaret] = useState<number | null>(null)
  const mention = useMention(field, { text, caret, characters }, (after, place) => {
    // Through the field, so that the caret and the undo of the browser stay right.
    field.current?.setRangeText(after, 0, text.length, 'end')
    field.current?.setSelectionRange(place, place)
    setCaret(place)
    onText(after)
  })
  const { open, options } = mention
  const openStart = open?.start ?? null
  const openTyped = open?.typed ?? null
  useLayoutEffect(() => {
    onOpen(open)
  }, [openStart, openTyped])
  const [layer, place] = useLayer(field, openStart, text)
  const listId = `${id}-names`
  const isListed = options.length > 0
  const { before, after } = segmentsOf(text, marks, openStart)

  return (
    <div className="scene">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="scene-box">
        <div className="scene-layer" aria-hidden="true" ref={layer}>
          <Marked segments={before} />
          <span data-anchor="" />
          <Marked segments={after} />
          {'\n'}
        </div>
        <textarea
          id={id}
          ref={field}
          className="scene-text"
          value={text}
          placeholder={placeholder}
          spellCheck
          aria-describedby={[`${id}-hint`, ...(faultsId === null ? [] : [faultsId])].join(' ')}
          aria-invalid={faultsId !== null || undefined}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={isListed ? listId : undefined}
          aria-activedescendant={isListed ? optionId(listId, mention.active) : undefined}
          onChange={(event) => {
            setCaret(event.target.selectionEnd)
            onText(event.target.value)
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionEnd)}
          onBlur={() => setCaret(null)}
          onKeyDown={(event) => {
            if (isComposing(event)) return
            const isSend = event.key === 'Enter' && (event.ctrlKey || event.metaKey)
            if (isSend) onSend()
            if (isSend || mention.onKeyDown(event)) event.preventDefault()
          }}
        />
        {isListed && <MentionList id={listId} mention={mention} place={place} />}
      </div>
      <p className="scene-hint small mute" id={`${id}-hint`}>
        {hint}
      </p>
      <p role="status" className="visually-hidden">
        {isListed ? t('names_found', { n: options.length }) : ''}
      </p>
    </div>
  )
}

function Marked({ segments }: { segments: readonly Segment[] }) {
  return segments.map(({ text, kind }, index) =>
    kind === null ? (
      text
    ) : (
      <mark key={index} className={`mark-${kind}`}>
        {text}
      </mark>
    ),
  )
}

/** Keeps the layer under the text, and says where the list goes: below the `@`, inside of the field. */
function useLayer(
  field: React.RefObject<HTMLTextAreaElement | null>,
  openStart: number | null,
  text: string,
) {
  const layer = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState({ left: 0, top: 0 })
  useLayoutEffect(() => {
    const [under, above] = [layer.current, field.current]
    if (under === null || above === null) return
    const follow = () => (under.scrollTop = above.scrollTop)
    follow()
    above.addEventListener('scroll', follow)
    return () => above.removeEventListener('scroll', follow)
  }, [field, text])
  useLayoutEffect(() => {
    const under = layer.current
    const anchor = under?.querySelector<HTMLElement>('[data-anchor]')
    if (openStart === null || !anchor || under === null) return undefined
    const find = () => {
      const room = under.clientWidth
      const width = Math.min(420, room)
      setPlace({
        left: Math.max(0, Math.min(anchor.offsetLeft - 8, room - width)),
        top: anchor.offsetTop - under.scrollTop + 30,
      })
    }
    find()
    // The window may become narrower while the list is open.
    const observer = new ResizeObserver(find)
    observer.observe(under)
    return () => observer.disconnect()
  }, [openStart, text])
  return [layer, place] as const
}
