/** Chinese, simplified and traditional. */
const chinese: RegExp[] = [
  /违规|違規|违禁|違禁|违法|違法|不合规|不合規|敏感|涉黄|涉黃|涉政|涉暴|色情|低俗|血腥|暴恐|裸露|引起不适|引起不適|法律法规|法律法規|(肖像|版权|版權)[^,，。]{0,4}未授权|不雅|未成年|涉嫌违|涉嫌違|侵权|侵權|不良(信息|内容|內容|資訊)|不当内容|不當內容/,
  /(审核|審核|审查|審查|风控|風控|安全(检测|檢測|校验|校驗|检查|檢查)|内容安全|內容安全)[^,，。;；]{0,8}(未通过|未通過|不通过|不通過|没有?通过|沒有?通過|未能通过|未能通過|失败|失敗|拒绝|拒絕|拦截|攔截|驳回|駁回|不合格)/,
  /(未通过|未通過|不通过|不通過|未能通过|未能通過|没有?通过|沒有?通過|无法通过|無法通過|触发|觸發|违反|違反|被)[^,，。;；]{0,12}(审核|審核|审查|審查|风控|風控|内容安全|內容安全|安全策略|内容政策|內容政策|政策|规范|規範|社区准则|社群守則|使用条款)/,
  /内容政策|內容政策|内容(审核|审查|安全)策略|(真人|人脸|人臉|肖像|名人|公众人物|公眾人物)[^,，。;；]{0,14}(不支持|不允许|不允許|禁止|拒绝|拒絕|检测|檢測|侵权|侵權|限制)|(检测到|檢測到|包含|含有)[^,，。;；]{0,14}(真人|人脸|人臉|肖像|名人|公众人物|公眾人物|版权|版權)/,
  /不(符合|符)[^,，。;；]{0,10}(规范|規範|规定|規定|准则|準則|政策|要求的内容|条款)/,
  /侵犯[^,，。;；]{0,10}(版权|版權|肖像|知识产权|智慧財產)/,
]

/** A verb for a violation near a word for rules, in the languages of relays and their users. */
const others: RegExp[] = [
  /不適切|(ポリシー|ガイドライン|利用規約|コンテンツモデレーション|コンテンツフィルター).{0,20}(違反|ブロック|拒否|抵触)/,
  /부적절|유해한 (콘텐츠|내용)|선정적|(정책|가이드라인|약관)[^.]{0,20}(위반|위배)/,
  /(verst(ö|oe)(ß|ss)t|verletzt|widerspricht).{0,60}(richtlinie|nutzungsbedingungen|inhaltsregeln|jugendschutz)|(unangemessene|anst(ö|oe)(ß|ss)ige|unzul(ä|ae)ssige|jugendgef(ä|ae)hrdende)\w* (inhalt|bild|eingabe)/i,
  /(infring|viola|incumpl|contravien|va en contra|vai contra)\w*.{0,60}(pol[ií]ticas?|normas|t[eé]rminos|termos|directrices|diretrizes|condiciones)|(contenido|conte[uú]do) (inapropiado|inadecuado|sensible|sens[ií]vel|expl[ií]cito|prohibido|proibido|impr[oó]prio)/i,
  /(enfrein|viole|contrevien|contraire)\w*.{0,60}(politique|r[eè]gles|conditions|directives)|(termes?|mots?|contenu) (interdits?|inappropri[eé]|sensible|interdit|explicite|choquant)/i,
  /(viola|infrang|contrari)\w*.{0,60}(politic|linee guida|termini|norme)|contenuto (inappropriato|esplicito|vietato|sensibile)/i,
  /наруша\w*|нарушени\w*.{0,40}(политик|правил|услови)|(запрещ|недопустим|непристойн)[а-я]* (контент|содержи|материал)|модераци/i,
  /vi phạm (chính sách|tiêu chuẩn|quy định|điều khoản)|melanggar (kebijakan|pedoman|ketentuan)/i,
]

/** Not a complete list. Other phrases count as unexplained failures, which have their own rule. */
export const foreignPhrases: readonly RegExp[] = [...chinese, ...others]
