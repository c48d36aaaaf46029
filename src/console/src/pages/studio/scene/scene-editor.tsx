import { useId } from 'react'
import { mentionPlaces } from '../../../rules/mentions.ts'
import type { OpenMention } from '../../../rules/mentions.ts'
import type { Mark } from '../../../rules/segments.ts'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import { Faults } from './faults.tsx'
import type { SceneFault } from './faults.tsx'
import { SceneField } from './scene-field.tsx'
import type { Character } from './use-characters.ts'

/** The text of one or several scenes with what is wrong in it. */
export function SceneEditor({
  isSeveral,
  text,
  faults,
  characters,
  onText,
  onOpen,
  onSend,
}: {
  isSeveral: boolean
  text: string
  faults: readonly SceneFault[]
  characters: readonly Character[]
  onText: (text: string) => void
  onOpen: (open: OpenMention | null) => void
  onSend: () => void
}) {
  const t = useWords(studioWords)
  const faultsId = useId()
  const known = new Set(characters.flatMap(({ id, name }) => [id, name]))
  const marks: Mark[] = [
    ...faults.flatMap(({ place }) => (place === null ? [] : [{ ...place, kind: 'fault' as const }])),
    ...mentionPlaces(text)
      .filter(({ name }) => known.has(name))
      .map(({ start, end }) => ({ start, end, kind: 'character' as const })),
  ]
  return (
    <>
      <SceneField
        label={t(isSeveral ? 'scenes' : 'scene')}
        hint={t(isSeveral ? 'scenes_hint' : 'scene_hint')}
        placeholder={t(isSeveral ? 'scenes_placeholder' : 'scene_placeholder')}
        text={text}
        marks={marks}
        characters={characters}
        faultsId={faults.length > 0 ? faultsId : null}
        onText={onText}
        onOpen={onOpen}
        onSend={onSend}
      />
      {faults.length > 0 && (
        <Faults
          id={faultsId}
          faults={faults}
          onReplace={({ start, end }, name) => onText(`${text.slice(0, start)}@${name}${text.slice(end)}`)}
        />
      )}
    </>
  )
}
