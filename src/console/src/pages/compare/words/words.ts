import { defineWords } from '../../../words/define-words.ts'
import { en } from './en.ts'

export const compareWords = defineWords(en, { 'zh-Hant': () => import('./zh-Hant.ts') })
