import { defineWords } from './define-words.ts'
import { en } from './en.ts'

/** What every screen needs: navigation, states, money, errors. */
export const coreWords = defineWords(en, { 'zh-Hant': () => import('./zh-Hant.ts') })
