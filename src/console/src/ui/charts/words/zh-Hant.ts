import type { Translated } from '../../../words/define-words.ts'
import type { en } from './en.ts'

export const words: Translated<typeof en> = {
  as_table: '以表格顯示',
  table_name: '過去 24 小時，逐小時',
  hour: '時',
  no_measure: '無量測值',
  at_hour: '{hour}：{value}',
  chart_label: '{title}，過去 24 小時：{total}',
  now: '現在',
}
