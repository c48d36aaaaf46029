import { useId } from 'react'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { themes, useTheme } from './theme.ts'

/** Light, dark, or as the system has it. */
export function ThemeChoice() {
  const t = useWords(coreWords)
  const name = useId()
  const { theme, setTheme } = useTheme()
  return (
    <fieldset className="choices">
      <legend>{t('theme')}</legend>
      {themes.map((one) => (
        <label key={one} className="choice">
          <input type="radio" name={name} checked={theme === one} onChange={() => setTheme(one)} />
          {t(`theme_${one}`)}
        </label>
      ))}
    </fieldset>
  )
}
