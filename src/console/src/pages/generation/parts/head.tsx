import { useEffect } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { markedPrompt } from '../../../rules/marked-prompt.ts'
import { rowState } from '../../../rules/row-state.ts'
import { Copy } from '../../../ui/copy.tsx'
import { StatePill } from '../../../ui/pill.tsx'
import { useSizeName } from '../../../ui/size-name.ts'
import { useWords } from '../../../words/language.tsx'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

/** The prompt with its characters marked, the state, and what was asked for. */
export function Head({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  const format = useFormat()
  const nameOfSize = useSizeName()
  const { id, prompt, model, duration, size, tenant, key, metadata, completed_at: ended } = generation
  const title = prompt ?? t('hidden_prompt')
  useEffect(() => {
    document.title = `${title.slice(0, 80)} · Understudy`
  }, [title])
  return (
    <header className="generation-head">
      <div className="generation-title">
        <h1>{prompt === null ? title : <Prompt generation={generation} text={prompt} />}</h1>
        <StatePill state={rowState(generation)} />
      </div>
      <p className="generation-line">
        <code>{id}</code>
        <Copy text={id} label={t('copy_id')} />
        <span className="mute">
          {model} · {format.seconds(duration)} · {nameOfSize(size)}
        </span>
      </p>
      <dl className="generation-facts">
        <Fact name={t('tenant')}>
          {tenant} / {key}
        </Fact>
        <Fact name={t('created')}>
          <time dateTime={generation.created_at}>{format.instant(generation.created_at)}</time>
        </Fact>
        {ended !== null && (
          <Fact name={t('ended')}>
            <time dateTime={ended}>{format.instant(ended)}</time>
          </Fact>
        )}
        {Object.entries(metadata).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </dl>
    </header>
  )
}

function Prompt({ generation, text }: { generation: Generation; text: string }) {
  return markedPrompt(text, generation.characters).map((part, place) =>
    part.name === null ? (
      part.text
    ) : (
      <mark key={place} className="mention">
        {part.text}
      </mark>
    ),
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
