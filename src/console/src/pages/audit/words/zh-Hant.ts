import type { Translated } from '../../../words/define-words.ts'
import type { en } from './en.ts'

export const words: Translated<typeof en> = {
  table_name: '紀錄，由新到舊',
  column_at: '時間',
  column_who: '誰',
  column_action: '做了什麼',
  column_subject: '對象',
  column_address: '來源位址',
  filters: '篩選',
  key: '金鑰名稱',
  tenant: '租戶',
  subject: '對象 ID',
  action: '動作',
  any_action: '全部',
  first_day: '從',
  last_day: '到',
  gateway: '閘道本身',
  details: '細節',
  request: '請求',
  export_csv: '匯出 CSV',
  none_title: '尚無紀錄',
  none_detail: '誰建立、變更或結束了什麼，會顯示在這裡。',
  none_found: '沒有符合篩選的紀錄。',
}
