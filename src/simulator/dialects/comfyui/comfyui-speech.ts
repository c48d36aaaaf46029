import { randomUUID } from 'node:crypto'
import { jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import { hasBearer } from '../../jobs/speech.ts'

/** The errors of ComfyUI: `error` beside `node_errors`, and an empty map for a job that is not in its history. */
export function comfyuiSpeech(): Speech {
  return {
    say({ kind, status, code, message, param }) {
      if (kind === 'job_unknown') return jsonReply(200, {})
      if (kind === 'url_unknown') return { status: 404, headers: {}, body: '404: Not Found' }
      const isModel = param === 'model' || kind === 'model_gone'
      const type = isModel ? 'value_not_in_list' : (code ?? (kind === 'invalid' ? 'invalid_prompt' : kind))
      const error = { type, message, details: message, extra_info: {} }
      return jsonReply(isModel ? 400 : status, { error, node_errors: {} })
    },
    refusal: { atCreate: 'moderation_blocked', late: 'moderation_blocked' },
    withoutId: { number: 1, node_errors: {} },
    newJobId: () => randomUUID(),
    isAuthorized: (headers, apiKey) => apiKey === '' || hasBearer(headers, apiKey),
  }
}
