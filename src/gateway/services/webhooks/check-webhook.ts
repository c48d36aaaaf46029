import { Problem } from '../../domain/problem.ts'
import type { RemotePost } from '../../ports/webhooks/remote-post.ts'
import type { SigningSecrets } from './signing-secrets.ts'

/** Throws a Problem when nothing could ever be delivered to this URL: it may not be called, or nothing signs what is sent. */
export type CheckWebhook = (tenant: string, url: string) => Promise<void>

const pointer = '/webhook_url'

export function createCheckWebhook(deps: {
  remotePost: Pick<RemotePost, 'objection'>
  secrets: Pick<SigningSecrets, 'of'>
}): CheckWebhook {
  const { remotePost, secrets } = deps
  return async (tenant, url) => {
    const objection = remotePost.objection(url)
    if (objection !== null) {
      throw new Problem('url_forbidden', objection, { faults: [{ pointer, detail: objection }] })
    }
    if ((await secrets.of(tenant)).length > 0) return
    const detail = 'requires a signing secret; create one with POST /webhook-secrets'
    throw new Problem('validation_failed', `A webhook ${detail}.`, { faults: [{ pointer, detail }] })
  }
}
