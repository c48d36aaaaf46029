import type { VendorError } from './vendor-error.ts'

const limitFields = new Set(
  `seconds n_seconds duration duration_seconds n_frames num_frames size resolution width height aspect_ratio ratio
  aspectratio orientation fps mode model quality`.split(/\s+/),
)

/**
 * Whether the complaint is about what this upstream supports or can reach, so that another one may accept the same
 * request.
 */
export function isOwnLimit({ status, param, codes, message }: VendorError): boolean {
  if (status === 413 || status === 415) return true
  if (codes.some((code) => code.startsWith('invalid_model_for_'))) return true
  if (param !== null && limitFields.has(param)) return true
  // FastAPI and some envelopes have no field for the parameter: its name is quoted in the message.
  const quoted = [...message.matchAll(/['"`](\w+)['"`]/g)]
  if (param === null && quoted.some(([, word = '']) => limitFields.has(word))) return true
  if (limits.some((limit) => limit.test(message))) return true
  const isAboutFile =
    param === null || /^(input_?reference|images?|image_urls?|first_frame|video|file)/.test(param)
  return isAboutFile && files.some((file) => file.test(message))
}

const subject =
  '(?:duration|lengths?|seconds?|resolutions?|sizes?|aspect[ _-]?ratios?|ratios?|orientations?|dimensions?|width|height|fps|frame ?rates?|frames|quality|video length|prompt|audio|references?|images?|first frame|last frame)'

/** Limits on length, size, format and count. */
const limits: RegExp[] = [
  new RegExp(
    `\\b${subject}\\b.{0,80}\\b(?:not supported|unsupported|is not (?:available|valid|allowed)|must be|should be|has to be|only supports?|out of range|too (?:long|short|large|small|many)|exceed(?:s|ed)?|at most|no (?:more|longer) than|between \\d|one of|not (?:offered|sold|possible))`,
    'i',
  ),
  new RegExp(
    `\\b(?:only|does not|doesn.t|do not|cannot) supports?\\b.{0,60}(?:\\b${subject}\\b|\\d+ ?(?:s|p|k|px)\\b|\\d+[:x]\\d+)`,
    'i',
  ),
  new RegExp(`\\b(?:unsupported|invalid|illegal|wrong) (?:video |image |output )?${subject}\\b`, 'i'),
  /\b(count|number|amount|length|duration)\b.{0,30}\b(out of range|too (many|few|large|long|short)|exceed\w*)/i,
  /\bplan only (allows|includes|supports)\b/i,
  /\bonly \d+ ?[:x]\d+.{0,40}\b(allowed|accepted|possible|available)\b/i,
  /\b(clips?|videos?|durations?|lengths?)\b.{0,20}\b(longer|shorter|more|less) than \d+/i,
  /不支持[^,，。]{0,6}\d+ ?(p|P|秒|s|k|K)/,
  /\bsupports? only\b|\bonly .{0,40} (is|are) supported\b|\bsupported (values|durations|sizes|resolutions|ratios|models)\b/i,
  /\b(is|are) not supported (for|with|by|in|on) /i,
  /(时长|時長|时间长度|秒数|秒數|分辨率|解析度|尺寸|比例|宽高比|寬高比|画质|提示词长度|提示詞長度|图片数量)[^,，。]{0,20}(不支持|不支援|仅支持|僅支持|只支持|只支援|超出|超过|超過|无效|無效|必须|必須|应为|應為|过长|過長)/,
  /(仅支持|僅支持|只支持|只支援|不支持|不支援)[^,，。]{0,20}(时长|時長|秒|分辨率|解析度|尺寸|比例)/,
]

/**
 * Size, type and reachability of a reference input (docs/vendors/openai-videos.md#error-catalogue). These complaints
 * often name no parameter.
 */
const files: RegExp[] = [
  /must match the requested width and height|unsupported (mime ?type|image|video|file|media)|\bmime ?type\b|too large|exceeds? the maximum (file )?size/i,
  /\b(time[ds]?[- ]?out|fail(ed|s|ure)?|unable|could not|cannot|can.t|error|not able) .{0,30}\b(fetch|download|access|retriev|load|read|reach|open|get)\w*.{0,40}\b(resource|image|picture|url|media|file|video|link|reference|asset)/i,
  /\b(resource|image|picture|media|file|video|link|reference|asset|url)\b.{0,60}\b(could not be|cannot be|can.t be|is not|not|failed to be|unable to be) (downloaded|fetched|accessed|retrieved|loaded|read|reachable|accessible|reached)/i,
  /\b(download|fetch)(ing)? (of )?(the )?(image|resource|media|file|video|url)\b.{0,30}\b(fail|time|error)/i,
  /\b(image|picture|media|file|video|resource|asset|reference)_?(url)?\b.{0,20}\b(host|server|address|link) (is )?(unreachable|not reachable|invalid|down)/i,
  /\b(image|picture|media|file|video|resource|url|asset|document)[ _]?(download|fetch|access|load)[ _]?(fail\w*|error|timeout)/i,
  /\b(could not|couldn.t|cannot|can.t|unable to|failed to) (fetch|download|access|retrieve|load|reach|open|get) ['"]?https?:/i,
  /\b(invalid|unsupported|incorrect|wrong) (image|video|media|file|audio) (format|type|size|dimensions?|pixels?)\b|\b(image|video|media|file|audio) format\b.{0,30}\b(not supported|incorrect|invalid|unsupported)/i,
  /\bInvalid type for '(input_reference|image)|\bexpected a file\b|\bmust be an? (url|file|https)|\bbase64 .{0,20}not supported|\bonly (https?|public) urls?\b/i,
  /\binput_reference is not supported\b|\b(image|reference|video) inputs? (is|are) not supported\b/i,
  /(图片|圖片|参考图|參考圖|图像|圖像|素材|文件|链接)[^,，。]{0,16}(下载|下載|获取|獲取|访问|訪問|读取|讀取)[^,，。]{0,8}(失败|失敗|超时|超時)|(下载|下載|获取|獲取)[^,，。]{0,8}(图片|圖片|素材|文件)[^,，。]{0,8}(失败|失敗|超时|超時)/,
]
