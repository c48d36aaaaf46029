import { useState } from 'react'
import { isHalfTyped } from '../../rules/mentions.ts'
import type { OpenMention } from '../../rules/mentions.ts'
import { mostScenes, sceneLines, withoutScenes } from '../../rules/scenes.ts'
import { faultsOfDraft } from '../../rules/studio-request.ts'
import type { FilePart, Files } from '../../rules/studio-request.ts'
import { useWords } from '../../words/language.tsx'
import { useDraft } from './form/draft-state.ts'
import { useOffers } from './form/use-offers.ts'
import { usePrefill } from './prefill.ts'
import { askedOf } from './route/asked.ts'
import { useRoute } from './route/use-route.ts'
import { sceneFaults } from './scene/scene-faults.ts'
import { useCharacters } from './scene/use-characters.ts'
import { partsOf } from './send/send.ts'
import { useSend } from './send/use-send.ts'
import { useSessionClips } from './send/session-clips.ts'
import { studioWords } from './words.ts'

/** What is written, what the gateway says about it, and what can be done with it. */
export function useDesk() {
  const t = useWords(studioWords)
  const [draft, change] = useDraft()
  const [files, setFiles] = useState<Files>({})
  const [open, setOpen] = useState<OpenMention | null>(null)
  const [clips, addClip] = useSessionClips()
  const prefill = usePrefill(draft, change)
  const characters = useCharacters(open?.typed ?? null)
  const isSeveral = draft.mode === 'several'
  const text = isSeveral ? draft.lines : draft.prompt
  const prompts = isSeveral ? sceneLines(text).map(({ prompt }) => prompt) : [text.trim()].filter(Boolean)

  const isTooMany = prompts.length > mostScenes
  const draftFaults = faultsOfDraft(draft)
  const isKnown = (name: string) => characters.data.some((each) => each.name === name || each.id === name)
  const asked = draftFaults.length > 0 || isTooMany ? null : askedOf(draft, files)
  const route = useRoute(asked, isHalfTyped(open, isKnown))
  const faults = sceneFaults(route.problem, text, isSeveral)
  const isFaulty = draftFaults.length > 0 || faults.scene.length > 0
  const obstacle = isTooMany ? t('too_many', { n: mostScenes }) : isFaulty ? t('faults_first') : null

  const sending = useSend(addClip)
  const [taken, setTaken] = useState('')

  function setText(after: string): void {
    sending.forget()
    change(isSeveral ? { lines: after } : { prompt: after })
  }
  /** Nothing is sent whose price is not shown. */
  async function send(): Promise<void> {
    if (route.current === null || route.current.price === null || obstacle !== null) return
    const outcome = await sending.send(partsOf(draft, files))
    if (outcome === null || !isSeveral) return
    const isWhole = outcome.problem === null
    setTaken(isWhole ? draft.lines : '')
    if (isWhole) change({ lines: '' })
    else if (draft.sendAs === 'videos') change({ lines: withoutScenes(draft.lines, outcome.accepted) })
  }
  function setFile(part: FilePart, file: File | null): void {
    const { [part]: _before, ...others } = files
    setFiles(file === null ? others : { ...others, [part]: file })
  }

  return {
    draft,
    change,
    text,
    setText,
    prompts,
    isSeveral,
    files,
    setFile,
    setOpen,
    clips,
    addClip,
    prefill,
    offers: useOffers(draft.model),
    characters,
    route,
    faults,
    draftFaults,
    obstacle,
    send,
    sent: sending.state,
    forget: sending.forget,
    /** The scenes that were sent and cleared; null where there are none, or others are written. */
    taken: taken === '' || draft.lines !== '' ? null : taken,
  }
}

export type DeskState = ReturnType<typeof useDesk>
