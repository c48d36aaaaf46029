import { isModerationCode, isModerationNumber, isModerationSentence } from '../moderation/moderation.ts'

/**
 * What a vendor's words mean, whatever the HTTP status: a moderation verdict, a complaint about a character, a removed
 * or paused model or endpoint, an upstream that serves nobody, overload, a complaint about the request, or an unknown
 * job.
 */
export type WordVerdict = 'refused' | 'character' | 'gone' | 'down' | 'overloaded' | 'no_such_job' | 'invalid'

interface Vocabulary {
  verdict: WordVerdict
  /**
   * Separated by spaces. Compared with whole `code` and `type` values, and with whole words in messages that quote
   * them.
   */
  codes: string
  /** A pattern for many codes, in lower case and without separators. */
  family?: RegExp
  /** Sentences of vendors that send no code. */
  phrases: RegExp[]
}

/**
 * The order matters: an exhausted quota is not a rate limit. Refusals have their own vocabulary (`moderation.ts`).
 * Sources: docs/vendors/openai-videos.md#error-catalogue, docs/vendors/failure-modes.md.
 */
const vocabularies: Vocabulary[] = [
  {
    verdict: 'character',
    codes: `
      cameo_permission_denied cameo_not_found character_not_found character_permission_denied
      invalid_character character_invalid invalid_cameo character_revoked character_expired`,
    // Excludes "invalid characters" and "at most 4000 characters", which are about letters.
    phrases: [
      /\bcameos?\b/i,
      /\b(unknown|no such) character\b/i,
      /\bcharacter\b.{0,80}\b(not found|not exist|no longer|revoked|not allowed|not permitted)/i,
    ],
  },
  {
    verdict: 'gone',
    family: /^(unsupported|unknown)model|model(notfound|unavailable|retired|deprecated|offline|notopen|gone)/,
    codes: `model_not_found model_not_available deploymentnotfound modelnotfound modelnotopen unsupported_model
      model_not_supported unknown_model modelunavailable model_unavailable model_disabled model_offline model_retired invalidendpointormodel.notfound`,
    phrases: [
      /\b(unsupported|unknown|unrecogni[sz]ed|no such|invalid) model\b(?! ?(parameter|input|output|type|state))/i,
      /\bmodel\b.{0,80}\b(is not supported|not supported|is unsupported|not exist|not found|not open|has been (removed|disabled|retired)|is (disabled|offline|retired|deprecated))\b(?! (for|with|when|at|by) )/i,
      /\bmodel mismatch\b|\bnot have access to (the |this )?model\b/i,
      /模型[^,，。]{0,20}(不存在|已下线|已下線|已下架|未开通|未開通)|模型(暂)?不支持[!！。]?$|(不支持|未知)的?模型/,
      /\bmodel unavailable\b/i,
      /\binterface is (temporarily |currently )?paused\b/i,
      /^Invalid URL\b|\bInvalid URL \(/i,
      /\bmodels?[ /].{0,80}\b(not found|does not exist|no longer available|not available|been retired)/i,
      /\bmodel mismatch\b/i,
      /\bdeployment .{0,80}\b(not found|does not exist)/i,
    ],
  },
  {
    verdict: 'down',
    family:
      /insufficient(credit|balance|fund|quota)|arrear|overdue|outofcredit|account(suspended|disabled|blocked|banned)|(invalid|expired|revoked)apikey/,
    codes: `
      insufficient_quota billing_hard_limit_reached insufficient_credits insufficient_balance
      insufficient_user_quota quota_not_enough billing_not_active payment_required
      invalid_api_key invalid_token account_deactivated organization_not_verified get_channel_failed
      creditinsufficient credit_insufficient insufficient_credit creditsinsufficient not_enough_credits
      notenoughcredits no_credits out_of_credits insufficientbalance balance_not_enough arrearage arrears
      accountoverdueerror accountoverdue account_overdue insufficient_funds insufficient_permissions
      authentication_error invalid_authentication subscription_required subscription_expired phone_number_required
      setlimitexceeded closedendpoint authfailure accessdenied.unpurchased inarrears`,
    phrases: [
      /\b(not( have)? enough|insufficient|no( more| remaining)?|out of|run out of|too few|exhausted|lack(s|ing)?( of)?|low on) (account |api |user |remaining |your |available )*(credits?|balance|funds|quota|points|tokens in your account|money)\b/i,
      /\b(credits?|balance|funds|quota|points)\b.{0,30}\b(insufficient|not enough|exhausted|depleted|too low|used up|is (zero|0|negative|empty)|has run out|ran out|not sufficient|below)\b/i,
      /\b(top[- ]up|recharge|add (more )?(credits|funds)|purchase (more )?credits|overdue (payment|bill|account)|in arrears|arrearage|payment (is )?(required|overdue|failed)|subscription (has )?(expired|is required|required))\b/i,
      /(余额|餘額|额度|額度|积分|積分|点数|點數|算力|配额|配額|资金|資金)[^,，。]{0,8}(不足|不够|不夠|已用完|用尽|用盡|耗尽|耗盡|为0|為0|为零)|欠费|欠費|请(先)?充值|請(先)?儲值|[账帐]([户号])[^,，。]{0,6}(冻结|停用|封禁|禁用)/,
      /\baccount\b.{0,30}\b(suspended|banned|deactivated|disabled|locked|frozen|restricted|blocked|not exist)\b/i,
      /\b(invalid|incorrect|expired|revoked|illegal|wrong|unknown) (api[- ]?key|access key|token|credential\w*|account|signature)\b|\bcredentials? (could|can) ?not be (validated|verified)\b|\bapi_?key_(un|in|not|expired|disabled|denied|missing)\w*/i,
      /\bapi[- ]?key (is |has |was )?(not valid|invalid|expired|not found|missing|revoked|disabled)\b/i,
      /\b(resource pack(age)?|package|plan|trial|subscription|licen[cs]e|membership)\b.{0,20}\b(depleted|expired|used up|exhausted|ended|required)\b|\b(wallet|balance) is empty\b|\bexhausted balance\b|\bnot paid\b|\bunpaid\b|\bused (up )?all (of )?your\b|\b(free|trial|current) (tier|plan) (does ?n.t|does not|do not) include\b/i,
      /\bverify (a|an|your) (phone|e-?mail|identity|account|card|organi[sz]ation)\b|\b(endpoint|service|access|account|api)\b.{0,30}\b(has been|is|is currently) (paused|closed|not enabled|not activated)\b/i,
      /\b(key|account|token|user|project|organi[sz]ation|plan)\b.{0,20}\b(has no|does not have|doesn.t have|lacks?) (permission|access|the right)/i,
      /\bset (inference|usage|spend\w*) limit\b|\b(spend\w*|billing|usage) (limit|cap)\b.{0,20}\b(reached|exceeded|hit)\b/i,
      /\bchannel not found\b|无可用渠道|余额不足|额度不足/i,
      /\bbilling hard limit\b|\bexceeded your current quota\b/i,
      /\binsufficient (quota|credits?|balance)\b|\bcredits are insufficient\b/i,
      /\borganization must be verified\b/i,
      /^Route \S+ not found|^Cannot (GET|POST|DELETE) \/|^Not Found$/,
    ],
  },
  {
    verdict: 'overloaded',
    family: /overload|throttl|ratelimit|toomany(request|task|job)|concurren\w*(limit|exceed)/,
    codes: `
      rate_limit_exceeded rate_limited rate_limit rate_limit_error too_many_requests
      do_response_failed overloaded overloaded_error server_overloaded engine_overloaded
      server_busy concurrency_limit_exceeded throttling throttled serveroverloaded toomanyrequests
      ratelimitexceeded requestlimitexceeded jobnumexceed concurrent_limit_exceeded throttling.ratequota resource_exhausted
      service_unavailable servicebusy`,
    phrases: [
      /负载已?饱和|請求過於頻繁|请求过于频繁|(请求|請求|调用|操作)过快|系统繁忙|系統繁忙|服务繁忙|并发(数|量)?[^,，。]{0,6}(超|上限|限制)|限流/,
      /人数过多|人數過多|排队已满|排隊已滿|上限|(任务|任務|请求|請求|调用|呼叫|操作)[^,，。]{0,6}(过多|過多|频繁|頻繁)/,
      /\btoo many (running tasks|tasks|jobs|concurrent|requests)\b/i,
      /\b(reached|hit|at|exceeded) (the |your |its |a )?(maximum |max |api |daily |hourly )*(limit|number|cap)\b.{0,20}\b(concurrent|generations?|tasks?|jobs?|requests?|please try later)|\b(generations?|tasks?|jobs?|requests?|daily|hourly|api|queue)\b.{0,20}\blimit\b.{0,12}\b(reached|exceeded|hit)\b/i,
      /\b(queue|server|service|cluster|capacity)( is)? (currently )?full\b|_(queue|instance|task|job|concurrency)_?(maxed|full|limit)\w*|\bfrequent operation|\boperations? too frequent\b|\b(under|in|scheduled) maintenance\b|\bmaintenance (window|mode)\b|\b(pool|capacity|gpus?|workers?|resources?)( are| is)? (exhausted|unavailable|depleted)\b/i,
      /\bparallel task|\bconcurren\w* (limit|task|request)s?\b.{0,30}\b(exceed|reach|full)|\brate[- ]limit(ed|s)?\b|\btry again later\b.{0,20}\bbusy|\b(server|system|service) (is )?busy\b/i,
      /\b(heavy|high) load\b|\bover ?loaded\b|\bat (full )?capacity\b/i,
    ],
  },
  {
    verdict: 'no_such_job',
    codes: 'task_not_found task_not_exist video_not_found job_not_found',
    phrases: [
      /^(video|task|job)\b.{0,200}\b(not found|does not exist|doesn.t exist|not exist)/i,
      /^(task|job|video|generation|prediction|request)_not_f\w*$/i,
    ],
  },
  {
    verdict: 'invalid',
    codes: `
      invalid_value invalid_type invalid_parameter missing_required_parameter
      unknown_parameter string_above_max_length unsupported_value unsupported_parameter
      invalid_model_for_duration invalid_model_for_size`,
    phrases: [],
  },
]

const known = vocabularies.map(({ verdict, codes, family, phrases }) => {
  const words = codes.trim().split(/\s+/)
  return {
    verdict,
    codes: new Set(words),
    family,
    phrases: [new RegExp(`\\b(${words.join('|').replaceAll('.', '\\.')})\\b`, 'i'), ...phrases],
  }
})

/**
 * A refusal if there is one anywhere, because a reseller's own code may wrap it. Otherwise the first verdict of a code,
 * then the first of a sentence; null if the words decide nothing.
 */
export function wordVerdict(codes: readonly string[], sentences: readonly string[]): WordVerdict | null {
  const message = sentences.join(' · ')
  const parts = codes.flatMap((code) => [code, ...code.split('.')])
  const byCode = known.find(({ codes: whole, family }) =>
    parts.some((code) => whole.has(code) || family?.test(code.replaceAll(/[^a-z0-9]/g, '')) === true),
  )
  const byPhrase = known.find((each) => each.phrases.some((phrase) => phrase.test(message)))
  const isRefused =
    codes.some(isModerationCode) ||
    sentences.some((each) => isModerationSentence(each) || (!/\s/.test(each) && isModerationCode(each)))
  if (isRefused) return 'refused'
  const found = byCode?.verdict ?? byPhrase?.verdict ?? null
  return found === null && isModerationNumber(codes) ? 'refused' : found
}
