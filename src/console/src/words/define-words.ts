import { byLanguage } from '../format/by-language.ts'

/** The languages of the console, as BCP 47 tags. */
export const languages = ['en', 'zh-Hant'] as const
export type Language = (typeof languages)[number]

/** A sentence with `{placeholders}`, or one for each plural form that a language has; `{n}` decides which. */
export type Wording = string | { readonly one?: string; readonly other: string }
export type Dictionary = Readonly<Record<string, Wording>>

/** The same keys in another language. That the placeholders agree as well is tested. */
export type Translated<Texts extends Dictionary> = { readonly [Key in keyof Texts]: Wording }

type Placeholders<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never

type TextOf<Word> = Word extends string ? Word : Word extends { other: infer Other } ? Other : never

type Values<Word> = { [Name in Placeholders<TextOf<Word>>]: string | number }

/** What `t(key, values)` takes: no values for a sentence without placeholders. */
export type Arguments<Word> = [Placeholders<TextOf<Word>>] extends [never] ? [] : [values: Values<Word>]

/** The words of one screen: English with the screen, other languages on demand. */
export interface Words<Texts extends Dictionary> {
  readonly en: Texts
  readonly load: (language: Exclude<Language, 'en'>) => Promise<Translated<Texts>>
}

type Loaders<Texts extends Dictionary> = {
  readonly [Tag in Exclude<Language, 'en'>]: () => Promise<{ words: Translated<Texts> }>
}

export function defineWords<const Texts extends Dictionary>(
  en: Texts,
  loaders: Loaders<Texts>,
): Words<Texts> {
  const loaded = new Map<Language, Promise<Translated<Texts>>>()
  return {
    en,
    load(language) {
      const known = loaded.get(language)
      if (known !== undefined) return known
      const loading = loaders[language]().then(({ words }) => words)
      loaded.set(language, loading)
      // A chunk that did not come is asked for again at the next look.
      loading.catch(() => loaded.delete(language))
      return loading
    },
  }
}

const numbers = byLanguage((language) => new Intl.NumberFormat(language))
const plurals = byLanguage((language) => new Intl.PluralRules(language))

/** Fills in a wording. Numbers are written as the language writes them. */
export function fill(wording: Wording, values: Record<string, string | number>, language: Language): string {
  const text = typeof wording === 'string' ? wording : chosen(wording, values['n'], language)
  return text.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name]
    if (value === undefined) return placeholder
    return typeof value === 'number' ? numbers(language).format(value) : value
  })
}

function chosen(
  forms: Exclude<Wording, string>,
  count: string | number | undefined,
  language: Language,
): string {
  const isOne = typeof count === 'number' && plurals(language).select(count) === 'one'
  return isOne ? (forms.one ?? forms.other) : forms.other
}
