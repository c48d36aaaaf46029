import type { Client } from '../../domain/accounts/client.ts'
import { askedSize } from '../../domain/inputs/picture-choice.ts'
import { usualEvents } from '../../domain/webhooks/webhook-event.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import { renderedOn } from '../../domain/generation/rendered-on.ts'
import type { GenerationRequest, Reference, RoutingPolicy } from '../../domain/generation/request.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { CheckWebhook } from '../webhooks/check-webhook.ts'
import type { GenerationInput } from '../generations/generations.ts'
import type { MediaIntake } from '../media/media-intake.ts'
import { checkInputs, routeInputsAsked } from './input-media.ts'
import { resolveMentions } from './resolve-mentions.ts'
import { resolveSource } from './resolve-source.ts'

/** What holds for a request that does not say otherwise. */
export interface RequestDefaults {
  model: string
  priority: RoutingPolicy['priority']
  fallback: boolean
  characterFidelity: RoutingPolicy['characterFidelity']
  onUnknown: RoutingPolicy['onUnknown']
  deadlineMs: number
}

const defaultDurationSeconds = 10

/** A caller's input as a complete request, still without its files: mentions become characters, silence becomes defaults. */
export async function resolveRequest(
  deps: {
    characters: CharacterStore
    store: GenerationStore
    defaults: RequestDefaults
    checkWebhook: CheckWebhook
  },
  client: Client,
  input: GenerationInput,
): Promise<GenerationRequest> {
  const { defaults } = deps
  const { routing } = input
  await checkInputs(deps, client, input.inputs)
  const from = input.source && (await resolveSource(deps.store, client, input.source))
  return {
    prompt: input.prompt,
    model: input.model ?? from?.model ?? defaults.model,
    durationSeconds: input.durationSeconds ?? from?.source.durationSeconds ?? defaultDurationSeconds,
    size: askedSize(input.size ?? from?.size ?? null, routeInputsAsked(input.inputs)),
    reference: null,
    ...input.inputs?.settings,
    ...(from !== undefined && { source: from.source }),
    characters: await resolveMentions(deps.characters, client, input.prompt),
    routing: {
      priority: routing.priority ?? defaults.priority,
      upstreams: routing.upstreams,
      fallback: routing.fallback ?? defaults.fallback,
      characterFidelity: routing.characterFidelity ?? defaults.characterFidelity,
      duration: routing.duration ?? 'nearest',
      onUnknown: routing.onUnknown ?? defaults.onUnknown,
      prefer: await preferenceOf(deps.store, client, routing.preferUpstreamOf),
      maxCostMicros: routing.maxCostMicros,
      deadlineMs: routing.deadlineMs ?? defaults.deadlineMs,
    },
    ...(await webhookOf(deps.checkWebhook, client, input)),
    metadata: input.metadata,
  }
}

/** The reference of a request in the archive: an upload is there already, a URL is fetched now. */
export async function resolveReference(
  intake: MediaIntake,
  reference: GenerationInput['reference'],
): Promise<Reference | null> {
  if (reference === null) return null
  const { kind, influence } = reference
  if (reference.type === 'stored') {
    return { mediaId: reference.mediaId, kind, contentType: reference.contentType, influence }
  }
  const { mediaId, info } = await intake.fromUrl(reference.url, [kind], `/reference/${kind}_url`)
  return { mediaId, kind, contentType: info.contentType, influence }
}

async function preferenceOf(
  store: GenerationStore,
  client: Client,
  id: GenerationId | null,
): Promise<RoutingPolicy['prefer']> {
  if (id === null) return null
  const generation = (await store.get(id))?.generation
  if (generation?.tenant !== client.tenant) {
    const detail = 'does not exist, or belongs to another tenant'
    throw new Problem('generation_not_found', 'The generation in routing.prefer does not exist.', {
      faults: [{ pointer: '/routing/prefer_upstream_of', detail }],
    })
  }
  const upstream = renderedOn(generation)
  return upstream === null ? null : { generation: id, upstream }
}

/** Where the caller is told, and what: as asked, else as the key is configured. */
async function webhookOf(
  checkWebhook: CheckWebhook,
  client: Client,
  { webhookUrl: asked, webhookEvents: events, webhookFormat = client.webhookFormat }: GenerationInput,
): Promise<Pick<GenerationRequest, 'webhookUrl' | 'webhookEvents' | 'webhookFormat'>> {
  const url = asked ?? client.webhookUrl
  // Generated clients say an empty list where nothing was said.
  if (url === null && events !== null && events.length > 0) {
    const detail = 'requires a webhook_url'
    throw new Problem('validation_failed', `webhook_events ${detail}.`, {
      faults: [{ pointer: '/webhook_events', detail }],
    })
  }
  if (url === null || events?.length === 0) return { webhookUrl: null, webhookEvents: [] }
  await checkWebhook(client.tenant, url)
  const format = webhookFormat === undefined ? {} : { webhookFormat }
  return { webhookUrl: url, webhookEvents: events ?? [...usualEvents], ...format }
}
