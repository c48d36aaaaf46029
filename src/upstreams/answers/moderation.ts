/**
 * The vocabulary of moderation. Vendors have hundreds of sentences and codes for a refusal, so it is told by its words: a noun
 * that only moderation uses, or a noun and a verdict near each other, in English and Chinese. What a technical failure says
 * with the same words is taken out first.
 */

/** Codes without what separates their parts: `DataInspectionFailed`, `SAFETY.OUTPUT.VIDEO`, `content_policy_violation`. */
const codeFamilies: RegExp[] = [
  /datainspection|riskcontrol|riskfail/,
  /sensitive(content|word|information|info|text|image|video|audio|data)?(detected|blocked|found|violation)?$/,
  /sensitivecontent|sensitiveword|newsensitive|inputsensitive|outputsensitive/,
  /(^|[^a-z])moderat(ed|ion)|moderation(blocked|failed|rejected|flagged|error)?$|^moderat|contentmoderat/,
  /(content|prompt|usage|safety|input|output|image|video|audio|text|platform|ai)polic(y|ies)/,
  /^policyviolation|policyviolation$|polic(y|ies)violat/,
  /^safety$|^safety(input|output|violation|check(failed)?|filter(ed)?|blocked|system|error|rejected)/,
  /(violat|blocked|failed|rejected|flagged)\w*safety$/,
  /contentfilter|contentblocked|contentrejected|contentsecurity|contentviolation|contentunsafe|contentreview|contentaudit/,
  /(prompt|image|video|audio|input|output|text|content|media)(is)?(unsafe|blocked|prohibited|illegal|nsfw|flagged|illicit)/,
  /unsafe(prompt|content|image|video|input|output)/,
  /nsfw|prohibitedcontent|harmcategory|harmfulcontent|inappropriate|pornograph|sexualcontent|illegalcontent/,
  /responsibleai|raifilter|raimedia|^rai$/,
  /(input|output|text|image|video|audio|prompt)(risk|audit|review)(failed|notpass|reject|not|block)?$/,
  /auditfail|auditreject|auditnotpass|reviewrejected|reviewnotpass|(text|image|video|audio|content)censor/,
  /sentinelblock|blocklist(ed)?|illicit|copyrightviolation|copyrightinfringement|recitation$/,
  /privacyinformation|celebrity|publicfigure|realperson|facedetected|minordetected|imagehuman/,
]

/** Numbers that only say something where nothing else does: MiniMax, Kling and Zhipu. */
const numbers = new Set(['1026', '1027', '1301'])

const verdict =
  '(?:violat\\w*|infring\\w*|block\\w*|reject\\w*|refus\\w*|flag\\w*|filter\\w*|prohibit\\w*|disallow\\w*|forbid\\w*|forbidden|not (?:allowed|permitted|pass\\w*|comply|compl\\w*)|against|fail\\w* to pass|did ?n.t pass|denied|declin\\w*|breach\\w*|detect\\w*|contain\\w*|trigger\\w*|remov\\w*|stopped|suppress\\w*|withheld|unable to generate|cannot (?:generate|be generated)|can.t generate)'

/** Enough by themselves. */
const phrases: RegExp[] = [
  /\b(content|usage|safety|acceptable[- ]use|moderation|community|prompt|generation|generative ai|platform|openai|google|our) (policy|policies|guidelines?|standards|rules)\b(?=.{0,60}\b(violat|breach|against|block|reject|flag|prohibit|not allow|restrict|trigger|infring))/i,
  /\b(violat\w*|breach\w*|infring\w*|against|breaks?|contraven\w*|trigger\w*|conflicts? with|does ?n.t comply with|not comply with|not compliant with)\b.{0,60}\b(polic(y|ies)|guidelines?|community standards|terms of (use|service)|content (rules|restrictions)|safety|copyright|intellectual property|third[- ]party (content|likeness|rights))\b/i,
  /\b(blocked|rejected|refused|flagged|filtered|stopped|denied|removed|declined|caught|detected)\b.{0,30}\b(moderation|safety|content[- ]?filter\w*|guard ?rails?|nsfw|safeguards?|trust (and|&) safety)\b/i,
  /\b(moderation|safety|content[- ](safety|policy|filter\w*|check|review|audit\w*|moderation|security)|guard ?rails?|risk control|data inspection|compliance|sensitivity)\b.{0,50}\b(block\w*|reject\w*|refus\w*|flag\w*|violat\w*|not pass\w*|prohibit\w*|denied|triggered|fail\w* (the )?(check|review|inspection|audit))/i,
  /\b(fail\w*|unable|did ?n.t|did not|does not|not) (to )?pass\w*\b.{0,40}\b(moderation|safety|risk control|content|review|inspection|audit|security|compliance)/i,
  /\brequest (was )?moderated\b|\b(prompt|content|input|output|image|video|audio|generation|result) (was |were |has been |is )?moderated\b|\bcontent[- ]moderated\b/i,
  /\b(in|un)appropriate (for|content|text|image|prompt|material|input|language)|\b(is|are|be|as|deemed|considered|potentially) (inappropriate|nsfw|harmful|unsafe|offensive)\b/i,
  /\bnsfw\b|\bnot safe for work\b|\bpornograph\w*|\b(explicit|adult|sexual(ly explicit)?|harmful|hateful|unsafe|illegal|prohibited|disallowed|objectionable|restricted|violent|graphic) (content|material|imagery|words?|images?|themes?|text|prompts?)\b/i,
  /\bsensitive (content|information|words?|material|topics?|text|data detected|image|video|audio|subject|elements?|terms?|keywords?)\b|\b(new_|input[ _]|output[ _]|prompt[ _]|text[ _]|image[ _]|is |be |too )sensitive\b|\bsensitivity (check|filter|detect)/i,
  /\bresponsible ai\b|\bRAI (polic|filter|media|practices|violation)|\(RAI\)/i,
  /\brisk control (system|check|rejected)|\brisk[- ]controlled\b/i,
  /\b(real|recogni[sz]able|identifiable) (people|person|persons|human faces?|individuals?)\b.{0,60}\b(not (allowed|permitted|supported)|detect\w*|block\w*|contain\w*|prohibit\w*|reject\w*)|\b(contain\w*|detect\w*|depict\w*|includ\w*|block\w*|reject\w*)\b.{0,50}\b(real (people|person|persons|human)|human faces?|public figures?|celebrit(y|ies)|politicians?|minors?\b|children|likeness|trademark|copyright(ed)?)/i,
  /\b(public figures?|celebrit(y|ies)|copyright(ed)? (content|material|characters?)|minors|likeness(es)?)\b.{0,60}\b(not (allowed|permitted)|cannot|can.t|block\w*|prohibit\w*|reject\w*|restrict\w*|unable)/i,
  /\bpeople-in-user-uploads\b|^Hmmm something didn't look right/i,
  /\b(prompt|input|output|content|image|video|audio|text|request|result)s?\b.{0,24}\b(is|are|was|were|as|found|deemed|considered|judged) (to be )?(unsafe|inappropriate|harmful|offensive|illegal|not safe|prohibited|sensitive)\b/i,
  /\bsafety (violation|violations|reasons|concerns?|system|filters? (block|trigger|reject)\w*|guidelines|policy|policies)\b/i,
]

/** Chinese, simplified and traditional; some of Japanese and Korean. */
const asianPhrases: RegExp[] = [
  /违规|違規|违禁|違禁|违法|違法|不合规|不合規|敏感|涉黄|涉黃|涉政|涉暴|色情|低俗|血腥|暴恐|裸露|不良(信息|内容|內容|資訊)|不当内容|不當內容/,
  /(审核|審核|审查|審查|风控|風控|安全检测|安全檢測|内容安全|內容安全)[^,，。;；]{0,8}(未通过|未通過|不通过|不通過|没有?通过|沒有?通過|未能通过|未能通過|失败|失敗|拒绝|拒絕|拦截|攔截|驳回|駁回|不合格)/,
  /(未通过|未通過|不通过|不通過|未能通过|未能通過|没有?通过|沒有?通過|无法通过|無法通過|触发|觸發|违反|違反|被)[^,，。;；]{0,12}(审核|審核|审查|審查|风控|風控|内容安全|內容安全|安全策略|内容政策|內容政策|政策|规范|規範|社区准则|社群守則|使用条款)/,
  /内容政策|內容政策|内容(审核|审查|安全)策略|(真人|人脸|人臉|肖像|名人|公众人物|公眾人物)[^,，。;；]{0,14}(不支持|不允许|不允許|禁止|拒绝|拒絕|检测|檢測|侵权|侵權|限制)|(检测到|檢測到|包含|含有)[^,，。;；]{0,14}(真人|人脸|人臉|肖像|名人|公众人物|公眾人物|版权|版權)/,
  /侵犯[^,，。;；]{0,10}(版权|版權|肖像|知识产权|智慧財產)/,
  /不適切|コンテンツ(ポリシー|モデレーション|フィルター).{0,20}(違反|ブロック|拒否)|부적절|콘텐츠 정책.{0,20}위반/,
]

/** Failures of machines that use the same words. Cut out, so that what is left decides. */
const technical: RegExp[] = [
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

/** Whether a code is one of moderation; in any case, with anything between its parts. */
export function isModerationCode(code: string): boolean {
  const squashed = code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return !isTechnicalCode(squashed) && codeFamilies.some((family) => family.test(squashed))
}

/** Whether a sentence is a verdict of moderation. */
export function isModerationSentence(sentence: string): boolean {
  let rest = sentence
  for (const each of technical) rest = rest.replaceAll(each, ' ')
  if ([...phrases, ...asianPhrases, nearVerdict].some((phrase) => phrase.test(rest))) return true
  // A code that is quoted: `upstream: content_policy_violation`.
  return (rest.match(quotedCode) ?? []).some(isModerationCode)
}

const quotedCode = /\b[A-Za-z]+(?:[_.][A-Za-z]+)+\b|\b(?:[A-Z][a-z]+){2,}\b/g

/** Whether a number that only some vendors use for it stands alone. */
export function isModerationNumber(codes: readonly string[]): boolean {
  return codes.some((code) => numbers.has(code))
}

const nearVerdict = new RegExp(
  `\\b(moderation|content polic(?:y|ies)|usage polic(?:y|ies)|safety (?:polic(?:y|ies)|filters?|guidelines?)|community guidelines|content filter)\\b.{0,60}\\b${verdict}\\b|\\b${verdict}\\b.{0,60}\\b(moderation|content polic(?:y|ies)|usage polic(?:y|ies)|safety (?:polic(?:y|ies)|filters?|guidelines?)|community guidelines|content filter)\\b`,
  'i',
)

/** `moderation_timeout`, `content_filter_unavailable`, `safety_margin_exceeded`, `case_sensitive`, `invalid_content_policy_id`. */
function isTechnicalCode(code: string): boolean {
  return /timeout|unavailable|serviceerror|internal|notconfigured|notfound|overload|margin|(case|time|price)(in)?sensitive|retrypolicy|corspolicy|ratelimit|policyid|contenttype/.test(
    code,
  )
}
