import { foreignPhrases } from './moderation-languages.ts'
import { phrases } from './moderation-phrases.ts'

/**
 * The vocabulary of moderation. Vendors have hundreds of sentences and codes for a refusal, so refusals are recognized
 * by words: a noun used only by moderation, or such a noun near a verb, in English and Chinese. Technical failures that
 * use the same words are removed first.
 */

/** Codes without separators: `DataInspectionFailed`, `SAFETY.OUTPUT.VIDEO`, `content_policy_violation`. */
const codeFamilies: RegExp[] = [
  /datainspection|riskcontrol|riskfail/,
  /sensitive(content|word|information|info|text|image|video|audio|data)?(detected|blocked|found|violation)?$/,
  /sensitivecontent|sensitiveword|newsensitive|inputsensitive|outputsensitive/,
  /(^|[^a-z])moderat(ed|ion)|moderation(blocked|failed|rejected|flagged|error)?$|^moderat|contentmoderat/,
  /(content|prompt|usage|safety|input|output|image|video|audio|text|platform|ai)polic(y|ies)/,
  /^policyviolation|policyviolation$|polic(y|ies)violat/,
  /^safety$|^safety(input|output|violation|check(failed)?|filter(ed)?|blocked|system|error|rejected)/,
  /(violat|blocked|failed|rejected|flagged)\w*safety$/,
  /contentfilter|contentblocked|contentrejected|contentsecurity|contentviolation|contentunsafe|contentreview|contentaudit|contentsafety$|^sensitivecontent|thirdpartycontent/,
  /(prompt|image|video|audio|input|output|text|content|media)(is)?(unsafe|blocked|prohibited|illegal|nsfw|flagged|illicit)/,
  /unsafe(prompt|content|image|video|input|output)/,
  /nsfw|prohibitedcontent|harmcategory|harmfulcontent|inappropriate|pornograph|sexualcontent|illegalcontent/,
  /responsibleai|raifilter|raimedia|^rai$/,
  /(input|output|text|image|video|audio|prompt)(risk|audit|review)(failed|notpass|reject|not|block)?$/,
  /auditfail|auditreject|auditnotpass|reviewrejected|reviewnotpass|(text|image|video|audio|content)censor/,
  /^unsafe$|^copyright|bad(prompt)?content|sentinelblock|blocklist(ed)?|illicit|copyrightviolation|copyrightinfringement|recitation$/,
  /privacyinformation|celebrity|publicfigure|realperson|facedetected|minordetected|imagehuman/,
  /infringementsuspect|suspectedinfringement|infringementdetected/,
]

/** A part that names moderation and a part that says no, in one code: `GUARDRAIL_INTERVENED`, `AuditSubmitIllegal`. */
const codeNoun =
  /moderation|safety|guardrail|audit|risk|review|censor|compliance|sensitive|contentcheck|person|people|minors|celebrit|nud(e|ity)|sexual|violen|weapon|hate|harm|prompt|thirdparty|(^|by|content|usage|safety|ai|use)policy/
const codeVerdict =
  /notpass|unpass|fail|reject|refus|block|violat|flag|interven|deni|illegal|detect|prohibit|forbid|trigger|unsafe|disallow|notallowed/

/**
 * Numeric codes of MiniMax, Kling and Zhipu, Jimeng, PixVerse. They count only if nothing else in the error has a
 * meaning.
 */
const numbers = new Set(['1026', '1027', '1301', '50411', '50412', '50413', '50511', '500054', '500063'])

/** Technical failures that use the same words. They are removed, and the rest decides. */
const technical: RegExp[] = [
  /\b(unable to|failed to|could ?n.t|could not|cannot|can.t|error (while|when)) (download|fetch|retriev|access|read|load|open|decod|pars|upload)\w*\b.{0,120}/gi,
  /\b(retry|retries|cors|referrer|caching|cache|network|bucket|iam|access control|lifecycle|retention|scaling|autoscaling|rate[- ]?limit(ing)?|routing|backoff|security group|firewall|pull|restart|permissions?|password|egress|ingress|quota|tls|cookie|same-origin|cross-origin|key|load[- ]balancing|timeout|eviction|privacy) polic(y|ies)\b.{0,40}/gi,
  /\b(violates?|violating|blocked by|refused|against|because it violates)\b.{0,40}\b(cors|same[- ]origin|cross[- ]origin|content[- ]security[- ]policy directive|firewall|rate[- ]?limit\w*|schema|constraint|protocol|ip (allow|white|black|block)[- ]?list|referrer)\b.{0,80}/gi,
  /\bsafety (margin|factor|stock|buffer|limit|timeout|lock|pin|net|interval|period)s?\b.{0,30}/gi,
  /\b(case|time|latency|context|cost|order|locale|whitespace|price|position|touch|pressure|light|delay)[- ]?(in)?sensitive\b|\b(sensitive|confidential) (data|information) (store|storage|vault|masking|redact\w*|is (encrypted|not logged)|scrub\w*|backend|service)\b.{0,40}/gi,
  /\b(moderation|safety|content[- ](filter|safety|moderation|check|review|policy)|nsfw|guard ?rails?|risk control|data inspection|sensitive[- ]words?|review|audit)[- ]?(?:\w+[- ]){0,2}?(service|server|checker|system|endpoint|api|model|backend|pipeline|worker|module|provider|classifier|engine|step|check|request|call|queue)?\b.{0,40}\b(unavailable|timed? ?out|time-out|could ?n.t be (reached|loaded)|could not (be )?(reach|load|connect|run|complete)\w*|cannot be reached|unreachable|not (loaded|configured|installed|initiali[sz]ed|responding|available|enabled)|is down|offline|connection (refused|reset|error|failed)|internal (server )?error|crash\w*|exception|overload\w*|out of memory|failed to (load|start|initiali[sz]e|respond|connect|run)|returned (an? )?(error|5\d\d)|http 5\d\d|503|502|500|rate[- ]limit\w*)\b/gi,
  /\b(could not|cannot|can't|unable to|failed to|timeout while|timed out while|error while) (reach|load|connect to|call|contact|initiali[sz]e|start|run|query)\w*\b.{0,30}\b(moderation|safety|content[- ](filter|safety)|nsfw|guard ?rails?|risk control)\b.{0,40}/gi,
  /\bcontent[- ](type|length|encoding|disposition|range|md5)\b.{0,60}/gi,
  /\b(account|organi[sz]ation|project|api key|key|user|workspace|tenant|subscription|ip( address)?)\b.{0,40}\b(suspended|banned|deactivated|disabled|restricted|terminated|locked|blocked|frozen)\b.{0,160}/gi,
  /\b(blocked|rejected|refused|denied|filtered|stopped) by (the |our |a )?(rate|firewall|proxy|cloudflare|waf|network|load|gateway|circuit|upstream|scheduler|quota|dns|ad[- ]?block\w*)\b.{0,40}/gi,
  /\b(explicit|illegal|restricted|violent|sensitive|unsafe|inappropriate|harmful) (cast|conversion|memory|instruction|argument|character|token|state|start|operation|pointer|header|opcode|schema|type|key|value|parameter|dtype|device|tensor|seek|characters|endpoint|region|network|thread\w*|concurren\w*|deserializ\w*|port|url|redirect)\b/gi,
  /(大小写|大小寫|时间|時間|价格|價格|延迟|延遲)敏感|敏感数据(库|存储|加密)|敏感資料庫/g,
  /(审核|審核|审查|審查|风控|風控|内容安全|內容安全|敏感词|敏感詞)(服务|服務|系统|系統|接口|模块|模塊|引擎)?[^,，。;；]{0,6}(超时|超時|不可用|异常|異常|繁忙|连接失败|連接失敗|错误|錯誤|故障|维护|維護|失败，请重试|中$)/g,
  /违规(调用|操作)?(次数|频率)|非法(参数|參數|请求|請求|token|签名)/g,
]

/** Whether a code is a moderation code, ignoring case and separators. */
export function isModerationCode(code: string): boolean {
  const squashed = code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  if (isTechnicalCode(squashed)) return false
  const isPair = codeNoun.test(squashed) && codeVerdict.test(squashed)
  return isPair || codeFamilies.some((family) => family.test(squashed))
}

/** Whether a sentence is a moderation verdict. */
export function isModerationSentence(sentence: string): boolean {
  let rest = sentence
  for (const each of technical) rest = rest.replaceAll(each, ' ')
  if ([...phrases, ...foreignPhrases].some((phrase) => phrase.test(rest))) return true
  // A quoted code: `upstream: content_policy_violation`.
  return (rest.match(quotedCode) ?? []).some(isModerationCode)
}

const quotedCode = /\b[A-Za-z]+(?:[_.][A-Za-z]+)+\b|\b(?:[A-Z][a-z]+){2,}\b/g

/** Whether a numeric code that only some vendors use for moderation stands alone. */
export function isModerationNumber(codes: readonly string[]): boolean {
  return codes.some((code) => numbers.has(code))
}

/**
 * `moderation_timeout`, `content_filter_unavailable`, `safety_margin_exceeded`, `case_sensitive`,
 * `invalid_content_policy_id`, `ContentSecurityDetectionError`. `InvalidParameter.DataInspection` is about a file that
 * could not be inspected.
 */
function isTechnicalCode(code: string): boolean {
  return /timeout|unavailable|serviceerror|internal|notconfigured|notfound|overload|margin|(case|time|price)(in)?sensitive|(retry|cors|network|bucket|iam|cache|access|security|routing|scaling|eviction|password|origin|key|quota|restart)policy|ratelimit|policyid|contenttype|detectionerror|^invalidparameterdatainspection/.test(
    code,
  )
}
