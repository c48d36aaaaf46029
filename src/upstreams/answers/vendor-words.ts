/**
 * What a vendor's words say, whatever the HTTP status around them: a moderation verdict, a complaint about a character, a
 * model or endpoint that is gone or paused, an upstream that works for nobody, overload, a complaint about the request, or a
 * job that it does not know.
 */
export type WordVerdict = 'refused' | 'character' | 'gone' | 'down' | 'overloaded' | 'no_such_job' | 'invalid'

interface Vocabulary {
  verdict: WordVerdict
  /** Separated by blanks; compared with whole `code` and `type` values, and looked for as whole words in messages that quote them. */
  codes: string
  /** Families of codes that are told by a part of them. */
  codePattern?: RegExp
  /** Sentences of vendors that send no code. */
  phrases: RegExp[]
}

/**
 * In this order: a refusal that also mentions a limit stays a refusal, and a quota that is used up is not a rate limit.
 * Sources: official-api.md §3.2, reverse-dialects.md §4.
 */
const vocabularies: Vocabulary[] = [
  {
    verdict: 'refused',
    codes: `
      moderation_blocked content_policy_violation content_moderation content_rejected
      content_filter content_filtered sentinel_block policy_violation safety_violation
      prompt_unsafe image_unsafe video_unsafe input_moderation output_moderation
      responsible_ai_policy_violation`,
    // Seedance's: `InputImageSensitiveContentDetected.PrivacyInformation` (official-api.md §6.2).
    codePattern: /sensitivecontentdetected/,
    phrases: [
      /\b(blocked|rejected|refused|flagged) by (our |the )?(content |safety )?(moderation|filter)/i,
      /\bviolat\w* .{0,40}\b(content|usage|safety) polic/i,
      /^Hmmm something didn't look right/i,
      /违规|敏感(词|内容|信息)|审核(未通过|不通过|失败)|内容政策/,
    ],
  },
  {
    verdict: 'character',
    codes: `
      cameo_permission_denied cameo_not_found character_not_found character_permission_denied
      invalid_character character_invalid invalid_cameo character_revoked character_expired`,
    // "Invalid characters" and "at most 4000 characters" are about letters.
    phrases: [
      /\bcameos?\b/i,
      /\b(unknown|no such) character\b/i,
      /\bcharacter\b.{0,80}\b(not found|not exist|no longer|revoked|not allowed|not permitted)/i,
    ],
  },
  {
    verdict: 'gone',
    codes: 'model_not_found model_not_available deploymentnotfound',
    phrases: [
      /\binterface is (temporarily |currently )?paused\b/i,
      /^Invalid URL\b|\bInvalid URL \(/i,
      /\bmodels?[ /].{0,80}\b(not found|does not exist|no longer available|not available|been retired)/i,
      /\bdeployment .{0,80}\b(not found|does not exist)/i,
    ],
  },
  {
    verdict: 'down',
    codes: `
      insufficient_quota billing_hard_limit_reached insufficient_credits insufficient_balance
      insufficient_user_quota quota_not_enough billing_not_active payment_required
      invalid_api_key invalid_token account_deactivated organization_not_verified get_channel_failed`,
    phrases: [
      /\bchannel not found\b|无可用渠道|余额不足|额度不足/i,
      /\bbilling hard limit\b|\bexceeded your current quota\b/i,
      /\binsufficient (quota|credits?|balance)\b|\bcredits are insufficient\b/i,
      /\borganization must be verified\b/i,
      /^Route \S+ not found|^Cannot (GET|POST|DELETE) \/|^Not Found$/,
    ],
  },
  {
    verdict: 'overloaded',
    codes: `
      rate_limit_exceeded rate_limited rate_limit rate_limit_error too_many_requests
      do_response_failed overloaded overloaded_error server_overloaded engine_overloaded
      server_busy concurrency_limit_exceeded`,
    phrases: [
      /负载已?饱和|请求过于频繁|系统繁忙/,
      /\btoo many (running tasks|concurrent|requests)\b/i,
      /\bheavy load\b|\bover ?loaded\b|\bat (full )?capacity\b/i,
    ],
  },
  {
    verdict: 'no_such_job',
    codes: 'task_not_found task_not_exist video_not_found job_not_found',
    phrases: [/^(video|task|job)\b.{0,200}\b(not found|does not exist|not exist)/i],
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

const known = vocabularies.map(({ verdict, codes, codePattern, phrases }) => {
  const words = codes.trim().split(/\s+/)
  return {
    verdict,
    codes: new Set(words),
    codePattern,
    phrases: [new RegExp(`\\b(${words.join('|')})\\b`), ...phrases],
  }
})

/** The first verdict that a code gives, else the first that a sentence gives; null when the words say nothing. */
export function wordVerdict(codes: readonly string[], message: string): WordVerdict | null {
  const byCode = known.find((each) =>
    codes.some((code) => each.codes.has(code) || each.codePattern?.test(code) === true),
  )
  const byPhrase = known.find((each) => each.phrases.some((phrase) => phrase.test(message)))
  // A moderation verdict counts wherever it stands: a reseller's own code may wrap it.
  if (byPhrase?.verdict === 'refused') return 'refused'
  return byCode?.verdict ?? byPhrase?.verdict ?? null
}
