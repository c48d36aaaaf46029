import type { Translated } from '../../words/define-words.ts'
import type { en } from './en.ts'

export const words: Translated<typeof en> = {
  title: '鍵盤',
  help: '顯示這份清單',
  go_overview: '總覽',
  go_studio: '製作',
  go_generations: '生成紀錄',
  go_characters: '角色',
  go_upstreams: '上游',
  go_money: '費用',
  search: '搜尋',
  rows: '下一列、上一列',
  open: '開啟此列',
  select: '選取此列',
  back: '返回',
  neighbours: '較舊、較新的一筆',
  live: '開啟或關閉即時更新',
  mention: '在製作畫面：補全名稱',
  send: '在製作畫面：生成',
  frames: '在比較畫面：前一格、後一格',
  off_hint: '單鍵只在輸入欄位以外有效，可在設定中關閉。',
}
