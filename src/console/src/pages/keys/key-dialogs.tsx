import { useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { changesOf, draftOfKey, emptyKey, settingsOf } from '../../rules/key-draft.ts'
import type { KeyDraft } from '../../rules/key-draft.ts'
import { useWords } from '../../words/language.tsx'
import { Field, KeyFields } from './key-fields.tsx'
import { KeyForm } from './key-form.tsx'
import type { Key, MadeKey } from './queries.ts'
import { keyWords } from './words.ts'

interface Closing {
  onClose: () => void
}

function isComplete({ scopes, allow }: KeyDraft): boolean {
  return scopes.length > 0 && allow.length > 0
}

/** Makes a key; what comes of it has the secret. */
export function MakeKey({ onClose, onMade }: Closing & { onMade: (key: MadeKey) => void }) {
  const t = useWords(keyWords)
  const [draft, setDraft] = useState(emptyKey)
  const change = (next: Partial<KeyDraft>) => setDraft((before) => ({ ...before, ...next }))
  const make = () => {
    const { name, tenant } = draft
    const body = { name, ...(tenant !== '' && { tenant }), ...settingsOf(draft) }
    return bodyOf(api.POST('/keys', { body: { ...body, upstreams: null, models: null } }))
  }
  return (
    <KeyForm
      title={t('make')}
      act={t('make')}
      isReady={isComplete(draft)}
      onAct={make}
      onClose={onClose}
      onDone={onMade}
    >
      <Field
        label={t('name')}
        hint={t('name_hint')}
        value={draft.name}
        required
        pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
        onType={(name) => change({ name })}
      />
      <Field
        label={t('tenant')}
        hint={t('tenant_hint')}
        value={draft.tenant}
        pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
        onType={(tenant) => change({ tenant })}
      />
      <KeyFields draft={draft} change={change} />
    </KeyForm>
  )
}

/** Changes what a key may do. */
export function ChangeKey({ of, onClose }: Closing & { of: Key }) {
  const t = useWords(keyWords)
  const [before] = useState(() => draftOfKey(of))
  const [draft, setDraft] = useState(before)
  const body = changesOf(before, draft)
  const isChanged = Object.keys(body).length > 0
  return (
    <KeyForm
      title={t('change_title', { name: of.name })}
      act={t('save')}
      isReady={isChanged && isComplete(draft)}
      onAct={() => bodyOf(api.PATCH('/keys/{id}', { params: { path: { id: of.id } }, body }))}
      onClose={onClose}
      onDone={onClose}
    >
      <KeyFields draft={draft} change={(next) => setDraft((old) => ({ ...old, ...next }))} />
      {!isChanged && <p className="small mute">{t('nothing_changed')}</p>}
    </KeyForm>
  )
}

const graces = [
  [0, 'grace_none'],
  [3600, 'grace_hour'],
  [86_400, 'grace_day'],
  [7 * 86_400, 'grace_week'],
  [30 * 86_400, 'grace_month'],
] as const

/** Gives a key a new secret; the former one goes on for a while. */
export function RotateKey({ of, onClose, onMade }: Closing & { of: Key; onMade: (key: MadeKey) => void }) {
  const t = useWords(keyWords)
  const [grace, setGrace] = useState(86_400)
  const body = { grace_seconds: grace }
  return (
    <KeyForm
      title={t('rotate_title', { name: of.name })}
      act={t('rotate')}
      onAct={() => bodyOf(api.POST('/keys/{id}/rotate', { params: { path: { id: of.id } }, body }))}
      onClose={onClose}
      onDone={onMade}
    >
      <p>{t('rotate_detail')}</p>
      <label className="field">
        <span className="field-label">{t('grace')}</span>
        <select value={grace} onChange={({ target }) => setGrace(Number(target.value))}>
          {graces.map(([seconds, word]) => (
            <option key={seconds} value={seconds}>
              {t(word)}
            </option>
          ))}
        </select>
      </label>
    </KeyForm>
  )
}

/** Ends a key for good, once its name is typed. */
export function RevokeKey({ of, onClose }: Closing & { of: Key }) {
  const t = useWords(keyWords)
  const [typed, setTyped] = useState('')
  return (
    <KeyForm
      title={t('revoke_title', { name: of.name })}
      act={t('revoke')}
      isDanger
      isReady={typed.trim() === of.name}
      onAct={() => api.DELETE('/keys/{id}', { params: { path: { id: of.id } } })}
      onClose={onClose}
      onDone={onClose}
    >
      <p>{t('revoke_detail')}</p>
      <Field label={t('revoke_type', { name: of.name })} value={typed} onType={setTyped} />
    </KeyForm>
  )
}
