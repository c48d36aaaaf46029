import type { Client } from '../accounts/client.ts'
import { shownText } from '../shown-text.ts'
import type { Delivery } from './delivery.ts'

/**
 * Which deliveries that were not accepted: `retrying` failed at least once and is tried again, `given_up` is not tried again
 * (states `failed` and `disabled`), `failing` is both.
 */
export const failingKinds = ['failing', 'retrying', 'given_up'] as const
export type FailingKind = (typeof failingKinds)[number]

/** Longer than any message of ours; a receiver's words are none of them. */
const longestMessage = 300

/**
 * A delivery as this caller may see it. Of another tenant, or for a key that may not read its own tenant's work, only the origin of the address is shown, because paths and queries
 * of receivers are often secrets; with `operate_prompts` the path too. Never the query, a user or a password.
 */
export function deliveryShownTo({ tenant, scopes }: Client, delivery: Delivery): Delivery {
  const tries = delivery.tries.map((each) => ({
    ...each,
    message: each.message === null ? null : shownText(each.message, longestMessage),
  }))
  const isOwn = delivery.tenant === tenant && (scopes.includes('read') || scopes.includes('generate'))
  if (isOwn) return { ...delivery, tries }
  const { origin, pathname } = new URL(delivery.url)
  return { ...delivery, tries, url: scopes.includes('operate_prompts') ? origin + pathname : origin }
}
