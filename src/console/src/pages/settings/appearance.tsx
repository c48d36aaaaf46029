import { useId } from 'react'
import { useSingleKeys } from '../../keyboard/single-keys.ts'
import { ThemeChoice } from '../../shell/theme-choice.tsx'
import { useLanguage, useWords } from '../../words/language.tsx'
import { Part } from './part.tsx'
import { settingsWords } from './words.ts'

/** Kept in this browser: language, theme, and whether letters are shortcuts. */
export function Appearance() {
  const t = useWords(settingsWords)
  const id = useId()
  const { language, setLanguage } = useLanguage()
  const { areOn, setOn } = useSingleKeys()
  const named = { en: t('language_en'), 'zh-Hant': t('language_zh') } as const
  return (
    <Part title={t('console_title')}>
      <div className="panel stack">
        <fieldset className="choices">
          <legend>{t('language')}</legend>
          {(['en', 'zh-Hant'] as const).map((one) => (
            <label key={one} className="choice" lang={one}>
              <input
                type="radio"
                name={`${id}-language`}
                checked={language === one}
                onChange={() => setLanguage(one)}
              />
              {named[one]}
            </label>
          ))}
        </fieldset>
        <ThemeChoice />
        <label className="settings-check">
          <input
            type="checkbox"
            checked={areOn}
            aria-describedby={`${id}-keys`}
            onChange={({ target }) => setOn(target.checked)}
          />
          {t('single_keys')}
        </label>
        <p id={`${id}-keys`} className="mute small">
          {t('single_keys_detail')}
        </p>
      </div>
    </Part>
  )
}
