import type { Translated } from '../../../words/define-words.ts'
import type { en } from './en.ts'

export const words: Translated<typeof en> = {
  prompt: '提示詞',
  state: '狀態',
  route: '路由',
  cost: '費用',
  created: '建立時間',
  prompt_hidden: '提示詞已隱藏',
  seconds: '{n} 秒',
  shot: '鏡頭 {shot}',
  progress: '已算圖 {n} %',
  select_row: '選取「{prompt}」',
}
