import type { StatusMeaning } from '../../../domain/routing/answer-words.ts'

/** Known status words of vendors and relays (docs/vendors/relays.md#status-words, docs/vendors/other-vendors.md). */
const meanings: [meaning: StatusMeaning, words: string][] = [
  [
    'waiting',
    `queued queue queueing queuing pending submitted submitting not_start not_started preparing unknown created creating starting
    started waiting wait in_queue enqueued scheduled accepted received initializing initialized initialising validating
    throttled suspended paused blocked_by_queue retrying restarting warming_up loading
    processing in_progress inprogress in_process running generating generation rendering working active executing
    uploading downloading transcoding encoding postprocessing post_processing finalizing finalising saving storing dreaming
    review in_review reviewing moderating checking 排队中 排队 排隊中 等待中 处理中 處理中 生成中 进行中 進行中 运行中 审核中 審核中`,
  ],
  [
    'completed',
    `completed complete success successful succeeded succeed succeeds finished finish done ready available ok ended fulfilled
    generated rendered delivered published all_done 成功 完成 已完成 生成成功 任务完成`,
  ],
  [
    'failed',
    `failed failure fail error errored faulted crashed rejected reject declined denied timeout timed_out time_out timedout
    generation_failed unsuccessful invalid dead exception 失败 失敗 生成失败 任务失败 超时 已拒绝`,
  ],
  [
    'refused',
    `nsfw moderated request_moderated content_moderated moderation_blocked moderation moderation_failed moderation_rejected
    blocked flagged banned censored content_filtered content_filter filtered content_policy_violation policy_violation
    content_rejected safety safety_blocked unsafe sensitive prohibited violation illegal
    input_moderation output_moderation 违规 違規 审核失败 审核不通过 审核未通过 審核不通過 審核未通過 内容违规 敏感`,
  ],
  [
    'cancelled',
    'cancelled canceled cancel aborted abort deleted removed terminated stopped killed revoked interrupted 已取消',
  ],
  ['expired', 'expired expire 已过期 已過期'],
]

const byWord = new Map(
  meanings.flatMap(([meaning, words]) =>
    words
      .trim()
      .split(/\s+/)
      .map((word) => [word, meaning]),
  ),
)

/** `TASK_STATUS_SUCCEED`, `JOB_STATE_FAILED`: words that repeat the name of their field. */
const fieldName = /^(?:(?:job|task|video|generation|batch|prediction)_)?(?:status|state)_(?=.)/

/** The meaning of a word; null if it is unknown. */
export type Meanings = (word: string) => StatusMeaning | null

/** Null for an unknown word: such a job is assumed to be running. */
export function meaningOf(word: string): StatusMeaning | null {
  const normal = normalWord(word)
  return byWord.get(normal) ?? byWord.get(normal.replace(fieldName, '')) ?? byFamily(normal)
}

/** Lower case, words joined by `_`. `InProgress` and `Request Moderated` are two words each. */
export function normalWord(word: string): string {
  return word
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[\s.:/-]+/g, '_')
}

/**
 * `FAILED_PRECONDITION`, `error_timeout`: a failure that includes its reason. Part of a longer word never counts as a
 * failure.
 */
function byFamily(word: string): StatusMeaning | null {
  const [first = ''] = word.split('_')
  if (/_(moderat\w*|nsfw|sensitive|unsafe|safety)$/.test(word) && byWord.get(first) !== 'waiting')
    return 'refused'
  return first !== word &&
    ['failed', 'failure', 'error', 'expired', 'cancelled', 'canceled', 'timeout'].includes(first)
    ? (byWord.get(first) ?? null)
    : null
}
