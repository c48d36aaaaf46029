import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useId, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { useKeys } from '../../keyboard/use-keys.ts'
import { useCan } from '../../session/use-can.ts'
import { useWords } from '../../words/language.tsx'
import { errorCodes, parseGenerationsSearch, spanNames } from './search.ts'
import type { FilterName, GenerationsSearch } from './search.ts'
import { listWords } from './words.ts'

/** After the last letter. */
const typingMs = 300

/** Puts a filter into the address; each is a link that can be sent. */
export function useFilter(search: GenerationsSearch) {
  const navigate = useNavigate()
  return (change: Partial<Record<FilterName, string | undefined>>) =>
    void navigate({
      to: '/generations',
      search: parseGenerationsSearch({ ...search, ...change }),
      replace: true,
    })
}

export function Filters({ search }: { search: GenerationsSearch }) {
  const t = useWords(listWords)
  const id = useId()
  const set = useFilter(search)
  const seesAll = useCan('observe', 'operate')
  const upstreams = useQuery({
    queryKey: ['upstreams'],
    queryFn: ({ signal }) => bodyOf(api.GET('/upstreams', { signal })),
    staleTime: 60_000,
  })
  const names = upstreams.data?.data.map((each) => each.id) ?? []
  const text = (name: 'tenant' | 'character' | 'key') => (
    <TypedFilter name={name} value={search[name] ?? ''} onChange={(value) => set({ [name]: value })} />
  )
  return (
    <div className="filter-bar">
      <Words value={search.q ?? ''} onChange={(q) => set({ q })} />
      <button type="button" className="button" popoverTarget={id}>
        {t('filters')}
      </button>
      <div id={id} popover="auto" className="popover filter-panel">
        <Choice
          name="upstream"
          value={search.upstream}
          any={t('any')}
          onChange={(upstream) => set({ upstream })}
        >
          {withCurrent(names, search.upstream).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Choice>
        {seesAll && text('tenant')}
        {text('character')}
        {text('key')}
        <Choice name="error" value={search.error} any={t('any')} onChange={(error) => set({ error })}>
          {errorCodes.map((code) => (
            <option key={code}>{code}</option>
          ))}
        </Choice>
        <Choice
          name="since"
          value={search.since}
          any={t('any_time')}
          onChange={(since) => set({ since, from: undefined, to: undefined })}
        >
          {spanNames.map((span) => (
            <option key={span} value={span}>
              {t(`since_${span}`)}
            </option>
          ))}
        </Choice>
        <Day name="from" value={search.from} onChange={(from) => set({ from, since: undefined })} />
        <Day name="to" value={search.to} onChange={(to) => set({ to, since: undefined })} />
      </div>
    </div>
  )
}

/** One of a link that names an upstream which is gone is still one to choose. */
function withCurrent(names: readonly string[], current: string | undefined): readonly string[] {
  return current === undefined || names.includes(current) ? names : [current, ...names]
}

function Words({ value, onChange }: { value: string; onChange: (value: string | undefined) => void }) {
  const t = useWords(listWords)
  const ref = useRef<HTMLInputElement>(null)
  useKeys({ '/': () => ref.current?.focus() })
  return (
    <Typed
      inputRef={ref}
      type="search"
      className="filter-words"
      label={t('search')}
      placeholder={t('search')}
      value={value}
      onChange={onChange}
    />
  )
}

interface TypedProps {
  value: string
  onChange: (value: string | undefined) => void
  label?: string
  id?: string
  type?: string
  className?: string
  placeholder?: string
  inputRef?: React.Ref<HTMLInputElement>
}

/** A field whose text takes effect a moment after the last letter, and not in the midst of a composition. */
function Typed({ value, onChange, label, inputRef, type = 'text', ...rest }: TypedProps) {
  const [typed, setTyped] = useState<string | null>(null)
  useEffect(() => {
    if (typed === null) return undefined
    const timer = setTimeout(() => {
      if (typed.trim() !== value) onChange(typed.trim() === '' ? undefined : typed.trim())
      setTyped(null)
    }, typingMs)
    return () => clearTimeout(timer)
  }, [typed, value, onChange])
  return (
    <input
      {...rest}
      ref={inputRef}
      type={type}
      autoComplete="off"
      spellCheck={false}
      aria-label={label}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.nativeEvent.isComposing) event.currentTarget.blur()
      }}
    />
  )
}

function Field({ name, children }: { name: FilterName; children: (id: string) => ReactNode }) {
  const t = useWords(listWords)
  const id = useId()
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {t(`filter_${name}`)}
      </label>
      {children(id)}
    </div>
  )
}

function TypedFilter({ name, ...rest }: { name: FilterName } & Pick<TypedProps, 'value' | 'onChange'>) {
  return <Field name={name}>{(id) => <Typed id={id} {...rest} />}</Field>
}

interface ChoiceProps {
  name: FilterName
  value: string | undefined
  any: string
  onChange: (value: string | undefined) => void
  children: ReactNode
}

function Choice({ name, value, any, onChange, children }: ChoiceProps) {
  return (
    <Field name={name}>
      {(id) => (
        <select
          id={id}
          value={value ?? ''}
          onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
        >
          <option value="">{any}</option>
          {children}
        </select>
      )}
    </Field>
  )
}

function Day({ name, value, onChange }: Pick<ChoiceProps, 'name' | 'value' | 'onChange'>) {
  return (
    <Field name={name}>
      {(id) => (
        <input
          id={id}
          type="date"
          value={value ?? ''}
          onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
        />
      )}
    </Field>
  )
}
