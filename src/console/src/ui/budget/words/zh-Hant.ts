import type { Translated } from '../../../words/define-words.ts'
import type { en } from './en.ts'

export const words: Translated<typeof en> = {
  figures: '{limit} 中已付 {paid}',
  set_aside: '保留 {amount}',
  near: '超過 80 %',
  full: '已用完',
  meter_label: '{name} 的預算',
  meter_value: '已用 {percent}',
}
