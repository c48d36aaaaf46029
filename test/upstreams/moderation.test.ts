import t from 'tap'
import { pollVerdict, videoFailure } from '../../src/gateway/upstreams/answers/verdicts/job-verdict.ts'
import { createVerdict } from '../../src/gateway/upstreams/answers/verdicts/create-verdict.ts'
import { readErrorValue } from '../../src/gateway/upstreams/answers/verdicts/vendor-error.ts'
import { createOpenaiVideos } from '../../src/gateway/upstreams/openai-videos/openai-videos.ts'
import { answer, receivedAt, settings } from './fixtures.ts'

const dialect = createOpenaiVideos(settings(), 'openai')

/** Sentences and codes that vendors, relays and safety layers were seen to write, and some of the same make. */
const refusals = [
  'output new_sensitive',
  'DataInspectionFailed',
  'Input data may contain inappropriate content.',
  'Failure to pass the risk control system',
  'SAFETY.OUTPUT.VIDEO',
  'SAFETY.INPUT.TEXT.PROMPT',
  'TaskPromptPolicyViolation',
  'The request failed because the output audio may contain sensitive information.',
  'Request blocked due to safety violations (harmful content)',
  'This prompt may violate responsible AI practices (RAI)',
  'Your request was blocked by our moderation system.',
  'Content policy violation detected',
  'violates our usage policies',
  'The prompt was rejected by the safety filter',
  'Generation blocked by content filter',
  'Prompt contains prohibited words',
  'nsfw content detected',
  'Potential NSFW content was detected in one or more images.',
  'The image contains a real person, which is not allowed',
  'We do not allow uploads that depict celebrities: blocked for public figures',
  'This content may infringe copyright',
  'The generated video was flagged by our moderation',
  'Request Moderated',
  'Content was moderated',
  'InputTextSensitiveContentDetected',
  'OutputVideoSensitiveContentDetected.PolicyViolation',
  'InputImageRiskDetection: sensitive content',
  'RESPONSIBLE_AI_POLICY_VIOLATION',
  'prompt did not pass content review',
  'Sorry, this violates our community guidelines.',
  'The content does not comply with our content policy',
  'content_policy_violation',
  'upstream: content_policy_violation',
  'image_unsafe',
  'The prompt was found unsafe.',
  'Blocked by guardrails',
  'Guardrail blocked the generation',
  'Sexual content is not permitted here',
  'The video was filtered because of safety concerns',
  'PROHIBITED_CONTENT',
  '内容违规',
  '您的提示词包含敏感词，请修改后重试',
  '提示詞包含敏感內容',
  '内容审核未通过',
  '審核未通過',
  '未通过内容安全检测',
  '触发风控策略：内容审核拒绝',
  '图片中检测到真人，不支持生成',
  '內容違規，請修改',
  '该内容不合规',
  '输入内容涉及色情',
  '侵犯版权',
  'コンテンツポリシーに違反しています',
]

/** What machines say with the same words. */
const technical = [
  'Retry policy exhausted after 3 attempts',
  'retry policy violated: too many retries',
  'Blocked by CORS policy',
  'Access to fetch has been blocked by CORS policy: no header',
  'GPU memory safety margin exceeded',
  'safety margin of 2 GB violated',
  'The sensitive data store timed out',
  'sensitive data store is unavailable',
  'Parameter names are case sensitive',
  'case-sensitive model name not found',
  'latency-sensitive queue is full',
  'content-type not permitted',
  'Content-Type application/xml is not allowed',
  'request blocked by rate limit',
  'Blocked by firewall',
  'blocked by Cloudflare',
  'Moderation service unavailable',
  'content moderation timed out',
  'The safety checker could not be loaded',
  'Failed to load safety checker',
  'moderation API returned error 503',
  'Bucket policy denies PutObject',
  'IAM policy does not allow this action',
  'network policy blocked egress',
  'eviction policy: node under memory pressure',
  'violates unique constraint policy_id',
  'The response violates the schema',
  'CUDA out of memory',
  'unsafe cast from float64 to int32',
  'illegal memory access was encountered',
  'illegal instruction',
  'explicit type conversion is not allowed',
  'Request timed out while waiting for a worker',
  'Internal server error',
  'rejected by load balancer',
  'Your account was suspended for violating our usage policies',
  'organization disabled: policy violations',
  'job rejected: queue is full',
  'worker flagged as unhealthy',
  'upload filter chain failed: ffmpeg exited with 1',
  'the frame rate filter failed',
  'moderate load, please retry',
  'Failed to detect scene cuts',
  'unable to generate: internal error',
  '大小写敏感',
  '审核服务超时',
  '內容安全服務異常',
  '任务失败，请重试',
  '系统繁忙，请稍后再试',
  'prompt enhancement failed',
  'restricted region for this endpoint',
  'version policy: upgrade required',
]

t.test('a refusal is told by its words, in whatever language and code', async (t) => {
  for (const said of refusals) t.equal(readErrorValue({ message: said }).words, 'refused', said)
})

t.test('a technical failure that uses the same words is none', async (t) => {
  for (const said of technical) t.not(readErrorValue({ message: said }).words, 'refused', said)
})

const said = 'Failure to pass the risk control system'
const places: object[] = [
  { error: { code: '1027', message: 'output new_sensitive' } },
  { error: { code: 'DataInspectionFailed', message: 'x' } },
  { error: { code: 1301 } },
  { error: said },
  { message: said },
  { msg: said },
  { failure_reason: said },
  { failure_reason: 'output_moderation' },
  { fail_reason: said },
  { failReason: said },
  { failureCode: 'SAFETY.OUTPUT.VIDEO' },
  { err_code: 'TaskPromptPolicyViolation' },
  { task_status_msg: said },
  { status_reason: said },
  { error_message: said },
  { errorMessage: said },
  { raiMediaFilteredReasons: ['48612764'] },
  { response: { raiMediaFilteredCount: 1 } },
  { base_resp: { status_code: 1027, status_msg: 'x' } },
  { reasons: ['sexual content detected'] },
  { error: { details: [{ reason: 'PROHIBITED_CONTENT' }] } },
  { output: { code: 'DataInspectionFailed', message: 'x' } },
  { data: { fail_reason: said } },
]

t.test('the reason of a failed job may stand anywhere in its answer', async (t) => {
  for (const place of places) {
    const body = { id: 'v1', status: 'failed', ...place }
    t.match(dialect.poll.decode(answer({ status: 200, body })), { type: 'refused' }, JSON.stringify(place))
  }
})

t.test('the verdict counts, not the status around it', async (t) => {
  for (const status of [200, 400, 403, 404, 409, 422, 451, 500, 502, 503])
    for (const body of [
      { code: 'imagine:content-moderated', error: 'Generated video rejected by content moderation.' },
      { error: { code: 'content_policy_violation', message: 'no' } },
    ]) {
      t.match(pollVerdict(answer({ status, body }), receivedAt), { type: 'refused' }, `poll ${status}`)
      const rules = { createServerError: 'unknown', echoes: [], receivedAt } as const
      t.match(createVerdict(answer({ status, body }), rules), { type: 'refused' }, `create ${status}`)
    }
  t.match(pollVerdict(answer({ status: 451, body: '' }), receivedAt), { type: 'refused' })
  const echo = { detail: 'Blocked by CORS policy' }
  t.match(pollVerdict(answer({ status: 403, body: echo }), receivedAt), { type: 'unreachable' })
})

t.test('an upstream may have words of its own', async (t) => {
  const answers = {
    says: { refused: ['house rule 7'], elsewhere: ['e-77'] },
    words: { completed: ['ausgeliefert'] },
  }
  const own = createOpenaiVideos(settings({ answers }), 'openai')
  const failed = { id: 'v1', status: 'failed', error: { code: 'X', message: 'House Rule 7 applies' } }
  t.match(own.poll.decode(answer({ status: 200, body: failed })), { type: 'refused' })
  t.match(dialect.poll.decode(answer({ status: 200, body: failed })), { type: 'failed', unexplained: true })
  t.match(own.poll.decode(answer({ status: 200, body: { id: 'v1', status: 'Ausgeliefert' } })), {
    type: 'completed',
  })
  t.ok(own.knowsStatus('ausgeliefert'))
})

const ofMachines = [
  'text encoder crashed',
  'subject tracking interrupted',
  '文字编码器崩溃',
  'text tokens exceed 77',
  'image could be opened only partly',
  'face detector returned nothing',
  'scene graph is cyclic',
  'image colour profile is odd',
  'content length differs',
  'text overflow',
  'no text given',
  'person tracking stopped',
  'photo has been rotated twice',
  'words per minute too high',
  'material id unknown',
  'text is longer than allowed',
  'content type was text/html',
  'image orientation unclear',
]

t.test(
  'a failure that speaks of a picture, a text or a person, and says no to nothing, is no refusal',
  async (t) => {
    for (const reason of ofMachines) t.equal(videoFailure(reason, 'failed').type, 'failed', reason)
    for (const reason of [
      'Your text has been identified as hateful',
      'We cannot show this person',
      '请修改画面描述',
    ])
      t.equal(videoFailure(reason, 'failed').type, 'refused', reason)
  },
)
