import type { VendorError } from './vendor-error.ts'

/**
 * The simulated moderation of a prompt: the word "forbidden" is refused at create, "forbidden-late" when the video is
 * done (vendors refuse at both points, docs/vendors/openai-videos.md#content-rules). The same applies to names of
 * characters.
 */
export function judge(text: string): 'passes' | 'refused' | 'refused_late' {
  if (/\bforbidden\b(?!-late\b)/i.test(text)) return 'refused'
  if (/\bforbidden-late\b/i.test(text)) return 'refused_late'
  return 'passes'
}

const messages: Readonly<Record<string, string>> = {
  moderation_blocked: 'Your request was blocked by our moderation system.',
  content_policy_violation: 'This content may violate our content policies.',
  output_moderation: 'The generated video was blocked by moderation.',
  input_moderation: 'The input was blocked by moderation.',
  sentinel_block: "Hmmm something didn't look right with your request. Please try again later.",
  prompt_unsafe: 'The prompt was found unsafe.',
  processing_error: 'We are currently under heavy load. Please try again later.',
  // Codes of Ark and MiniMax (docs/vendors/video-apis.md#ark, docs/vendors/video-apis.md#minimax).
  InputTextSensitiveContentDetected:
    'The request failed because the input text may contain sensitive information.',
  OutputVideoSensitiveContentDetected:
    'The request failed because the output video may contain sensitive information.',
  input_sensitive: 'video description contains sensitive content',
  output_sensitive: 'output new_sensitive',
  // Veo's (docs/vendors/video-apis.md#veo).
  rai_prompt:
    "The prompt could not be submitted. This prompt contains sensitive words that violate Google's Responsible AI practices.",
  rai_video:
    "Veo could not generate videos because the input image violates Google's usage policies. Support codes: 17301594",
  // Runway's words (docs/vendors/video-apis.md#runway).
  'SAFETY.INPUT.TEXT': 'The prompt was rejected by content moderation.',
  'SAFETY.OUTPUT.VIDEO': 'The generated video was rejected by content moderation.',
  // Kling's words (docs/vendors/video-apis.md#kling).
  '1301': 'Failure to pass the risk control system: the content triggers the content security policy',
  // Luma's (docs/vendors/video-apis.md#luma).
  content_moderated: 'The content was blocked by moderation.',
  // Replicate's (docs/vendors/video-apis.md#replicate).
  flagged: 'The input was flagged as sensitive. Please try again with different inputs.',
  E005: 'The input or output was flagged as sensitive. Please try again with different inputs.',
  'imagine:content-moderated': 'Generated video rejected by content moderation.',
  // Alibaba's words (docs/vendors/video-apis.md#dashscope).
  DataInspectionFailed: 'Input data may contain inappropriate content.',
  // Vidu's words (docs/vendors/video-apis.md#vidu).
  TaskPromptPolicyViolation: 'task prompt policy violation',
  CreationPolicyViolation: 'creation policy violation',
  // Seedance's word for a real person's face (docs/vendors/video-apis.md#ark).
  'InputImageSensitiveContentDetected.PrivacyInformation':
    'The request failed because the input image may contain real person.',
}

/** The message for a code, in a refusal or a failed job. */
export function messageOf(code: string): string {
  return messages[code] ?? `The video could not be generated (${code}).`
}

/** A refusal at create; resellers like cqtai use 451 (docs/vendors/resellers.md#odd-hosts). */
export function refusal(code: string, status: number, message = messageOf(code)): VendorError {
  return { kind: 'refused', status, type: 'invalid_request_error', code, param: null, message }
}
