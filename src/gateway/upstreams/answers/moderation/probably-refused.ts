/** The caller's input or the content of the video. Technical errors rarely mention them. */
const matter =
  /\b(prompts?|contents?|pictures?|images?|photos?|people|persons?|faces?|characters?|words?|text|scenes?|descriptions?|subjects?|individuals?|themes?|topics?|material)\b|内容|內容|图片|圖片|文字|提示词|提示詞|画面|畫面|人物|描述|素材/i

/** Words of a refusal. */
const no =
  /\b(not (permitted|allowed|acceptable|appropriate|suitable)|refus\w+|declin\w+|reject\w*|block\w*|prohibit\w*|forbid\w*|disallow\w*|discard\w*|withheld|removed|violat\w*|flagg\w*|we (can.?t|cannot|do ?n.t|do not|won.?t)|resembl\w+|(identified|judged|deemed|considered|classified|recogni[sz]ed) (as|to be)|noticed something|out of bounds|remove the|please (revise|rephrase|modify|change|adjust|edit))\b|不允许|不允許|不支持生成|无法生成|無法生成|拒绝|拒絕|禁止|疑似|不适合|不適合|请(修改|更换|调整)|請(修改|更換|調整)/i

/**
 * Whether the otherwise unexplained reason of a failed job reads like a refusal: it mentions the input and says no to
 * it. A mention alone is not enough: "text tokens exceed 77" and "face detector returned nothing" are technical errors.
 */
export function isProbablyRefused(reason: string): boolean {
  return matter.test(reason) && no.test(reason)
}
