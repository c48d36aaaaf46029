/** A verdict after or before a moderation noun. */
const verdict = String.raw`(?:violat\w*|infring\w*|block\w*|reject\w*|refus\w*|flag\w*|filtered|prohibit\w*|disallow\w*|forbid\w*|(?:not|un)[- ]?(?:allowed|permitted|pass\w*|comply|compl\w*)|against|denied|declin\w*|breach\w*|trigger\w*|interven\w*|withheld|with?hold\w*|suppress\w*|removed|stopped|restrict\w*|hits?|exceed\w*|fail\w*|unable to|cannot|can.t|won.t|concerns?|reasons|did ?n.t like)`

/** Nouns used only by moderation. Technical failures have been removed from the sentence before. */
const noun = String.raw`(?:moderation|(?:content|usage|safety|acceptable[- ]use|community|prompt|generation|generative ai|platform|openai|google|our|their|provider.s) (?:polic(?:y|ies)|guidelines?|standards|rules)|community guidelines|content (?:filter\w*|safety|check\w*|review|security|audit\w*|screening)|safety (?:polic(?:y|ies)|filters?|guidelines?|system|check\w*|review|standards|settings|scores?|classifier)|guard ?rails?|trust (?:and|&) safety|terms of (?:use|service)|risk control|data inspection|compliance|responsible ai|safeguards?|censor\w*)`

/** Topics of pictures, never of technical errors. */
const topics = String.raw`nud(?:e|es|ity)|hate speech|hateful|self[- ]harm|suicide|csam|child (?:sexual |safety|abuse|exploitation)\w*|under-?age\w*|gore|gory|terrorism|terrorists?|extremis\w+|deep-?fakes?|profan\w+|obscen\w+|indecen\w+|vulgar\w*|lewd|porn\w*|sexuali[sz]ed|sexually|racist|slurs?|harassment|trademark(?:ed|s)?|copyright(?:ed)? (?:characters?|content|material|works?)|celebrit(?:y|ies)|public figures?|likeness(?:es)?|without (?:their|the person.s|his|her) consent|protected (?:character|ip|intellectual property|likeness)s?|intellectual property|brand names?|weapons and|violence|political (?:figures?|content|persons?)|politicians?|drugs?|drug use|dangerous content|all audiences|bloodshed|mutilation|erotic\w*`

/** Any one of these is enough. */
export const phrases: RegExp[] = [
  new RegExp(String.raw`\b${noun}\b.{0,80}\b${verdict}\b|\b${verdict}\b.{0,80}\b${noun}\b`, 'i'),
  new RegExp(String.raw`\b(?:${topics})\b`, 'i'),
  /\b(due to|because of|under|as per|per|by) (our|the|its|their|your) (content|safety|moderation|usage) (filters?|polic(y|ies)|guidelines|systems?|settings|checks?|rules)\b/i,
  /^(content|prompt|input|output|image|video|text|media) (moderation|censorship|violation)[.!]?$/i,
  /\b(violat\w*|breach\w*|infring\w*|against|breaks?|contraven\w*|trigger\w*|conflicts? with|does ?n.t comply with|not comply with|not compliant with)\b.{0,60}\b(polic(y|ies)|guidelines?|community standards|terms of (use|service)|content (rules|restrictions)|safety|copyright|intellectual property|third[- ]party (content|likeness|rights))\b/i,
  /\b(suspected|involved|possible|potential|detected|alleged)\b.{0,30}\b(ip|copyright|trademark|intellectual property) infring\w+|\b(ip|copyright|trademark|intellectual property) infring\w+.{0,30}\b(suspected|detected|found)\b/i,
  /\b(fail\w*|unable|did ?n.t|did not|does not|not) (to )?pass\w*\b.{0,40}\b(moderation|safety|risk control|content|review|inspection|audit|security|compliance|censor\w*)/i,
  /\b(risk|audit|review|moderation|safety|compliance|security)( check| control| review| verification)? (not|un|did ?n.t|does not|did not|failed to)[- ]?pass/i,
  /\b(image|picture|video|audio|prompt|input|text|content|file|photo)s? (is|are|was|were) (not|non)[- ]?compliant\b|\bnon-compliant (content|image|prompt|video|input)/i,
  /\b(submit|submission|prompt|input|content|text) is illegal\b/i,
  /\b(black-?list(ed)?|block-?list(ed)?|banned|forbidden|prohibited|sensitive|restricted|disallowed|bad) (words?|terms?|phrases?|keywords?)\b/i,
  /\bwe (can.?t|can ?not|do ?n.?t|do not|won.?t|will not|are not able to|are unable to) (create|generate|make|produce|depict|allow|support|fulfil+)\b.{0,40}\b(that|depict\w*|show\w*|contain\w*|with|involv\w*|such|this (kind|type)|requests?)\b/i,
  /\b(depict\w*|portray\w*|showing|shows|contain\w*|of|involv\w*)\b.{0,30}\b(an? minor|minors|children|real (people|person|persons|individuals?|human)|identifiable (people|person|individuals?))\b.{0,80}\b(den(y|ied)|not|cannot|can.t|don.t|block\w*|reject\w*|refus\w*|consent|prohibit\w*)/i,
  /\b(den(y|ied)|cannot|can.t|do ?n.t|not (allowed|permitted)|block\w*|reject\w*|refus\w*|prohibit\w*)\b.{0,60}\b(depict\w*|show\w*|contain\w*|of|involv\w*)\b.{0,20}\b(an? minor|minors|children|real (people|person|persons|individuals?|human)|identifiable (people|person|individuals?))\b/i,
  /\b(refus\w+|declin\w+|not (willing|permitted|allowed)) to (generate|create|make|produce|animate|render|depict|process) (this|that|the|such|your|videos?|images?|content|faces|people)\b|\b(unsafe|harmful|inappropriate) (prompt|input|output|result|generation|request|video|image)s?\b/i,
  /\bpeople we are not (permitted|allowed)\b|\b(faces?|people|persons?|individuals?)\b.{0,40}\bnot (permitted|allowed)\b/i,
  /\brequest (was )?moderated\b|\b(prompt|content|input|output|image|video|audio|generation|result) (was |were |has been |is )?moderated\b|\bcontent[- ]moderated\b/i,
  /\b(in|un)appropriate (for|content|text|image|prompt|material|input|language)|\b(is|are|be|as|deemed|considered|potentially) (inappropriate|nsfw|harmful|unsafe|offensive)\b/i,
  /\bnsfw\b|\bnot safe for work\b|\b(explicit|adult|sexual(ly explicit)?|harmful|hateful|unsafe|illegal|prohibited|disallowed|objectionable|restricted|violent|graphic) (content|material|imagery|words?|images?|themes?|text|prompts?)\b/i,
  /\bsensitive (content|information|words?|material|topics?|text|data detected|image|video|audio|subject|elements?|terms?|keywords?)\b|\b(new_|input[ _]|output[ _]|prompt[ _]|text[ _]|image[ _]|is |be |too )sensitive\b|\bsensitivity (check|filter|detect)/i,
  /\bresponsible ai\b|\bRAI (polic|filter|media|practices|violation)|\(RAI\)/i,
  /\brisk control (system|check|rejected)|\brisk[- ]controlled\b/i,
  /\b(real|recogni[sz]able|identifiable) (people|person|persons|human faces?|individuals?)\b.{0,60}\b(not (allowed|permitted|supported)|detect\w*|block\w*|contain\w*|prohibit\w*|reject\w*)|\b(contain\w*|detect\w*|depict\w*|includ\w*|block\w*|reject\w*)\b.{0,50}\b(real (people|person|persons|human)|human faces?|politicians?|minors\b|children|copyright(ed)?)/i,
  /\bminors\b.{0,60}\b(not (allowed|permitted)|cannot|can.t|block\w*|prohibit\w*|reject\w*|restrict\w*|unable)/i,
  /\bpeople-in-user-uploads\b|^Hmmm something didn't look right/i,
  /\b(prompt|input|output|content|image|video|audio|text|request|result)s?\b.{0,24}\b(is|are|was|were|as|found|deemed|considered|judged) (to be )?(unsafe|inappropriate|harmful|offensive|illegal|not safe|prohibited|sensitive)\b/i,
  /\bsafety (violation|violations|reasons|concerns?|guidelines|policy|policies)\b/i,
  /\b(severe|serious) violation\b.{0,20}\b(information|content)\b/i,
]
