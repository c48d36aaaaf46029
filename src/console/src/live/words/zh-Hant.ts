import type { Translated } from '../../words/define-words.ts'
import type { en } from './en.ts'

export const words: Translated<typeof en> = {
  live: '即時',
  connecting: '連線中',
  paused: '即時更新已暫停',
  paused_since: '即時更新已暫停。最後收到回應：{time}。',
  off: '即時更新已關閉',
  switch_off: '關閉即時更新（l）',
  switch_on: '開啟即時更新（l）',
}
