import { defineWords } from '../../words/define-words.ts'
import { en } from './words/en.ts'

export const rowWords = defineWords(en, { 'zh-Hant': () => import('./words/zh-Hant.ts') })
