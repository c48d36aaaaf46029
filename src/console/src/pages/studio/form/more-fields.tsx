import { emptyDraft } from '../../../rules/studio-draft.ts'
import type { Draft } from '../../../rules/studio-draft.ts'
import type { Offers } from '../../../rules/offers.ts'
import type { DraftFault, FilePart, Files } from '../../../rules/studio-request.ts'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import { Checks, Choices, TextField } from './choices.tsx'
import type { ChangeDraft } from './draft-state.ts'
import { FileFields } from './file-fields.tsx'

interface Props {
  draft: Draft
  change: ChangeDraft
  offers: Offers
  faults: readonly DraftFault[]
  files: Files
  onFile: (part: FilePart, file: File | null) => void
}

const counted = [
  'model',
  'nativeOnly',
  'exactLength',
  'fallback',
  'maxCost',
  'upstreams',
  'sound',
  'seed',
  'negative',
  'referenceUrl',
  'metadata',
] as const

/** How many of the further fields say something. */
function countSet(draft: Draft, files: Files): number {
  const isSet = (key: (typeof counted)[number]) => draft[key].toString() !== emptyDraft[key].toString()
  return counted.filter(isSet).length + Object.keys(files).length
}

/** What a scene needs now and then. */
export function MoreFields(props: Props) {
  const { draft, change, faults, files, offers } = props
  const t = useWords(studioWords)
  const count = countSet(draft, files)
  const hasFault = (field: DraftFault['field']) => faults.some((fault) => fault.field === field)
  const isSeries = draft.mode === 'several' && draft.sendAs === 'series'
  return (
    <details className="more" open={faults.length > 0 || undefined}>
      <summary>{count === 0 ? t('more') : t('more_set', { n: count })}</summary>
      <div className="more-fields">
        <Rules draft={draft} change={change} />
        {offers.upstreams.length > 1 && (
          <Checks
            legend={t('only_upstreams')}
            hint={t('only_upstreams_hint')}
            values={draft.upstreams}
            options={offers.upstreams.map((upstream) => [upstream, upstream])}
            onChoose={(upstreams) => change({ upstreams })}
          />
        )}
        <TextField
          label={isSeries ? t('ceiling_series') : t('ceiling')}
          inputMode="decimal"
          value={draft.maxCost}
          fault={hasFault('maxCost') ? t('ceiling_fault') : null}
          onText={(maxCost) => change({ maxCost })}
        />
        <Picture {...props} lengthFault={hasFault('duration') ? t('length_fault') : null} />
        <Choices
          legend={t('sound')}
          value={draft.sound}
          options={[
            ['', t('sound_any')],
            ['with', t('sound_with')],
            ['without', t('sound_without')],
          ]}
          onChoose={(sound) => change({ sound })}
        />
        <TextField
          label={t('seed')}
          inputMode="numeric"
          value={draft.seed}
          fault={hasFault('seed') ? t('seed_fault') : null}
          onText={(seed) => change({ seed })}
        />
        <TextField
          label={t('negative')}
          isLong
          value={draft.negative}
          onText={(negative) => change({ negative })}
        />
        {draft.mode === 'one' && <FileFields {...props} />}
        <TextField
          label={t('reference_url')}
          inputMode="url"
          value={draft.referenceUrl}
          onText={(referenceUrl) => change({ referenceUrl })}
        />
        <TextField
          label={t('metadata')}
          isLong
          value={draft.metadata}
          fault={hasFault('metadata') ? t('metadata_fault') : null}
          onText={(metadata) => change({ metadata })}
        />
      </div>
    </details>
  )
}

function Rules({ draft, change }: Pick<Props, 'draft' | 'change'>) {
  const t = useWords(studioWords)
  const rules = [
    ['nativeOnly', t('native_only')],
    ['exactLength', t('exact_length')],
    ['fallback', t('fallback')],
  ] as const
  const chosen = rules.filter(([rule]) => draft[rule]).map(([rule]) => rule)
  return (
    <Checks
      legend={t('rules')}
      values={chosen}
      options={rules}
      onChoose={(values) =>
        change({
          nativeOnly: values.includes('nativeOnly'),
          exactLength: values.includes('exactLength'),
          fallback: values.includes('fallback'),
        })
      }
    />
  )
}

function Picture({
  draft,
  change,
  offers,
  lengthFault,
}: Pick<Props, 'draft' | 'change' | 'offers'> & { lengthFault: string | null }) {
  const t = useWords(studioWords)
  const isPixels = draft.size.includes('x')
  const sizes = isPixels ? [...new Set([...offers.sizes, draft.size])] : offers.sizes
  return (
    <>
      {offers.models.length > 1 && (
        <label className="field">
          <span className="field-label">{t('model')}</span>
          <select value={draft.model} onChange={({ target }) => change({ model: target.value })}>
            <option value="">{t('model_default', { model: offers.defaultModel ?? '–' })}</option>
            {offers.models.map((model) => (
              <option key={model}>{model}</option>
            ))}
          </select>
        </label>
      )}
      {sizes.length > 0 && (
        <label className="field">
          <span className="field-label">{t('size')}</span>
          <select
            value={isPixels ? draft.size : ''}
            onChange={({ target }) => change({ size: target.value === '' ? 'landscape' : target.value })}
          >
            <option value="">{t('size_by_shape')}</option>
            {sizes.map((size) => (
              <option key={size}>{size}</option>
            ))}
          </select>
        </label>
      )}
      {offers.anyLength && (
        <TextField
          label={t('length_exact')}
          inputMode="decimal"
          value={draft.duration}
          fault={lengthFault}
          onText={(duration) => change({ duration })}
        />
      )}
    </>
  )
}
