import type { AuditEntry } from '../../src/gateway/domain/accounts/audit.ts'
import type { Session } from '../../src/gateway/domain/accounts/session.ts'
import type { Delivery } from '../../src/gateway/domain/webhooks/delivery.ts'
import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { RoutePlan } from '../../src/gateway/domain/generation/plan.ts'
import type { RoutePreview } from '../../src/gateway/domain/routing/preview.ts'
import type { UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import type { WebhookSecret } from '../../src/gateway/ports/webhooks/webhook-secret-store.ts'
import type { CharacterOutlook } from '../../src/gateway/services/characters/characters.ts'
import type { KeyView } from '../../src/gateway/services/accounts/keys.ts'
import type { UpstreamStatistics } from '../../src/gateway/services/statistics/statistics.ts'
import type { UsageReport } from '../../src/gateway/services/usage/usage.ts'
import { usualRouting } from '../fixtures/routing.ts'

export const generationId = 'gen_01kasp3v5tq8c9d4wz7m2n6xhr'
export const characterId = 'char_01kasp3v5tq8c9d4wz7m2n6xhr'
export const keyId = 'key_01kasp3v5tq8c9d4wz7m2n6xhr'
export const auditId = 'aud_01kasp3v5tq8c9d4wz7m2n6xhr'
export const comparisonId = 'cmp_01kasp3v5tq8c9d4wz7m2n6xhr'
export const seriesId = 'ser_00000000000000000000000000'
export const deliveryId = 'dlv_01kasp3v5tq8c9d4wz7m2n6xhr_000012'
export const webhookSecretId = 'wsec_01kasp3v5tq8c9d4wz7m2n6xhr'
export const sessionId = 'ses_01kasp3v5tq8c9d4wz7m2n6xhr'
export const createdAt = Date.UTC(2026, 10, 22, 15, 4, 5)

export function samplePlan(): RoutePlan {
  const candidate = {
    upstream: 'reseller-a',
    kind: 'reverse',
    fidelity: 'native',
    model: 'their-sora-2',
    durationSeconds: 10,
    size: '1280x720',
    estimatedCostMicros: 120_000,
    reason: 'cheapest',
  } as const
  return {
    priority: 'cost',
    candidates: [candidate],
    standby: [{ ...candidate, upstream: 'reseller-b' }],
    excluded: [{ upstream: 'reseller-b', code: 'breaker_open', detail: 'create is open' }],
    estimatedCostMicros: 120_000,
    worstCaseCostMicros: 1_120_000,
  }
}

export function samplePreview(): RoutePreview {
  const plan = samplePlan()
  return {
    ...plan,
    candidates: plan.candidates.map((each) => ({ ...each, expectedMs: 94_200, binding: 'ready' })),
    characters: [
      {
        id: characterId,
        name: 'coffee_girl',
        description: 'a woman in a green apron',
        mentions: [{ start: 0, end: 12 }],
      },
    ],
  }
}

export function sampleAttempt(change: Partial<Attempt> = {}): Attempt {
  return {
    id: 'att_01kasp3v62m1y5r8k3w0t9b4zq',
    upstream: 'reseller-a',
    kind: 'reverse',
    fidelity: 'native',
    model: 'their-sora-2',
    durationSeconds: 10,
    size: '1280x720',
    state: 'failed',
    prompt: '@cafe.girl7 walks',
    reservedMicros: 120_000,
    costMicros: 0,
    costState: 'settled',
    chargedOn: 'success',
    baseline: { cheapestMicros: 120_000, officialMicros: 1_000_000 },
    delivered: false,
    sentTo: null,
    upstreamId: 'job-1',
    operation: { secret: 'operation' },
    result: null,
    upstreamModel: null,
    progress: 40,
    statusWord: 'processing',
    detail: null,
    vendorCostMicros: null,
    notFound: 0,
    archiveTries: 0,
    lastError: null,
    askedAt: null,
    rebound: false,
    cancelAsked: false,
    startedAt: createdAt + 120,
    submittedAt: createdAt + 130,
    acceptedAt: null,
    lastChangeAt: createdAt + 130,
    stallMs: 300_000,
    deadlineAt: createdAt + 900_000,
    holdUntil: null,
    dueAt: null,
    endedAt: createdAt + 480,
    failure: { code: 'overloaded', message: 'HTTP 429', fallback: true, retryAfterMs: 1000 },
    resolution: null,
    ...change,
  }
}

export function sampleGeneration(change: Partial<Generation> = {}): Generation {
  return {
    id: generationId,
    tenant: 'studio',
    key: 'maker',
    keyId: null,
    allow: ['official', 'reverse'],
    allowUpstreams: null,
    allowModels: null,
    status: 'queued',
    progress: 0,
    request: {
      prompt: '@coffee_girl walks',
      model: 'sora-2',
      durationSeconds: 10,
      size: '1280x720',
      reference: null,
      characters: [{ id: characterId, name: 'coffee_girl', description: 'a woman in a green apron' }],
      routing: usualRouting,
      webhookUrl: null,
      webhookEvents: [],
      metadata: { shot: '12b' },
    },
    plan: samplePlan(),
    attempts: [],
    warnings: [],
    video: null,
    error: null,
    createdAt,
    completedAt: null,
    deadlineAt: createdAt + 1_800_000,
    nextAttemptAt: createdAt,
    dueAt: createdAt,
    ...change,
  }
}

export function sampleCharacter(): CharacterOutlook {
  return {
    character: {
      id: characterId,
      tenant: 'studio',
      name: 'coffee_girl',
      description: 'a woman in a green apron',
      source: { type: 'upload', fileName: 'clip.mp4' },
      clip: {
        mediaId: 'media_clip',
        contentType: 'video/mp4',
        bytes: 4096,
        sha256: 'ab'.repeat(32),
        durationSeconds: 3,
        width: 1280,
        height: 720,
      },
      createdAt,
      updatedAt: createdAt,
    },
    bindings: [
      {
        characterId,
        upstream: 'reseller-a',
        kind: 'reverse',
        account: null,
        state: 'ready',
        handle: 'cafe.girl7',
        step: null,
        operation: { secret: 'operation' },
        span: { start: 0, end: 3 },
        failure: null,
        orphans: 0,
        askedBy: null,
        creations: 0,
        claim: null,
        dueAt: null,
        sentAt: createdAt,
        silence: 0,
        crashPoints: 0,
        updatedAt: createdAt,
      },
    ],
    expected: [{ upstream: 'reseller-a', kind: 'reverse', fidelity: 'native', reason: null }],
  }
}

export function sampleUpstream(): UpstreamView {
  const closed = { state: 'closed', retryAt: null } as const
  return {
    spec: {
      id: 'openai',
      kind: 'official',
      dialect: 'openai-videos',
      models: { 'sora-2': 'their-sora-2' },
      durations: [4, 8, 12],
      sizes: ['1280x720'],
      references: ['image', 'video'],
      characters: 'reference',
      maxCharacters: 1,
      characterClip: null,
      maxPromptCharacters: null,
      price: { type: 'per_second', micros: { default: 100_000 } },
      chargedOn: 'success',
      maxInFlight: 50,
      createsPerMinute: null,
      pollsPerSecond: null,
      poll: { firstAfterMs: 1000, everyMs: 1000 },
      stallMs: 1000,
      attemptMs: 1000,
    },
    enabled: true,
    breakers: {
      create: { state: 'open', retryAt: createdAt },
      poll: closed,
      fetch: closed,
      character: closed,
    },
    outages: [],
    freeSlots: 41,
    successRate: 0.97,
    unexplainedFailures: 3,
    latencyMs: 84_000,
  }
}

/** Two rows, grouped by key, character and day. */
export function sampleUsage(): UsageReport {
  const figures = {
    attempts: 3,
    generations: 2,
    videos: 1,
    costMicros: 1_120_001,
    reservedMicros: 120_000,
    unknownMicros: 120_000,
    unusedMicros: 120_000,
    premiumMicros: 880_000,
    officialMicros: 1_000_000,
    vendorAttempts: 2,
    vendorMicros: 1_200_000,
    vendorComputedMicros: 1_120_001,
  }
  const unsaid = { vendorAttempts: 0, vendorMicros: 0, vendorComputedMicros: 0 }
  const group = { tenant: null, upstream: null, kind: null, model: null, hour: null }
  return {
    tenant: 'studio',
    from: Date.UTC(2026, 10, 1),
    to: Date.UTC(2026, 11, 1),
    groupBy: ['key', 'character', 'day'],
    rows: [
      {
        ...group,
        key: '=cmd|"/C calc"!A0',
        characters: [
          { id: characterId, name: 'coffee_girl' },
          { id: `char_${'0'.repeat(26)}`, name: 'old_man' },
        ],
        day: Date.UTC(2026, 10, 22),
        ...figures,
      },
      { ...group, key: 'maker', characters: [], day: Date.UTC(2026, 10, 23), ...figures, ...unsaid },
    ],
    totals: { ...figures, attempts: 6 },
  }
}

export function sampleStatistics(upstream: string): UpstreamStatistics {
  const at = Date.UTC(2026, 10, 22, 15)
  const nothing = { p50: null, p95: null }
  return {
    upstream,
    step: 'hour',
    from: at,
    to: at + 3600_000,
    completeSince: Date.UTC(2026, 9, 22),
    rows: [
      {
        at,
        creates: 4,
        succeeded: 2,
        failed: 1,
        failures: { overloaded: 1 },
        times: { queue: { p50: 4, p95: 1200 }, render: { p50: 84_200, p95: 190_500 }, download: nothing },
        costMicros: 240_000,
        unusedMicros: 120_000,
        openings: { create: 1, poll: 0, fetch: 0, character: 0 },
        inFlight: 1,
      },
    ],
  }
}

export function sampleKey(): KeyView {
  return {
    id: keyId,
    name: 'marketing',
    tenant: 'studio',
    source: 'api',
    state: 'active',
    scopes: ['generate'],
    allow: ['official', 'reverse'],
    allowUpstreams: null,
    allowModels: ['sora-2'],
    monthlyBudgetMicros: 200_000_000,
    requestsPerMinute: 120,
    maxInFlight: null,
    spentMicros: 71_280_000,
    reservedMicros: 1_120_000,
    budgetResetsAt: Date.UTC(2026, 11, 1),
    inFlight: 1,
    lastUsedAt: createdAt,
    tenantBudget: { monthlyBudgetMicros: 500_000_000, spentMicros: 1, reservedMicros: 0, inFlight: 2 },
    secrets: [{ hint: 'x9Qa', createdAt, validUntil: null }],
    createdAt,
    expiresAt: null,
    revokedAt: null,
  }
}

export const sessionToken = 'a-token-that-has-exactly-fortythree-letters'

export function sampleSession(): Session {
  return {
    id: sessionId,
    tokenHash: '00',
    lock: 'where the secret is',
    keyId,
    tenant: 'studio',
    key: 'marketing',
    address: '192.0.2.17',
    userAgent: 'Mozilla/5.0',
    createdAt,
    expiresAt: createdAt + 12 * 3600_000,
    usedAt: createdAt + 60_000,
    endedAt: null,
  }
}

/** One entry with a caller, one without. */
export function sampleAudit(): AuditEntry[] {
  const entry: AuditEntry = {
    id: auditId,
    at: createdAt,
    action: 'character.created',
    tenant: 'studio',
    key: 'maker',
    keyId,
    address: '192.0.2.17',
    requestId: '=HYPERLINK("http://x")',
    subject: characterId,
    data: { name: 'coffee_girl', list: [1, null] },
    once: 'of the inside',
  }
  const nobody = { tenant: null, key: null, keyId: null, requestId: null, subject: null, once: null }
  return [entry, { ...entry, ...nobody, action: 'authentication.failing', data: {} }]
}

export function sampleDelivery(): Delivery {
  return {
    id: deliveryId,
    format: 'understudy',
    tenant: 'studio',
    generationId,
    seq: 12,
    url: 'https://hooks.example/x',
    type: 'generation.completed',
    at: createdAt,
    status: 'completed',
    state: 'pending',
    tries: [{ at: createdAt + 10, ms: 81, status: 503, message: 'Answered 503.' }],
    failures: 1,
    dueAt: createdAt + 5091,
    expiresAt: createdAt + 86_400_000,
  }
}

export function sampleWebhookSecret(): WebhookSecret {
  return { id: webhookSecretId, tenant: 'studio', createdAt, expiresAt: createdAt + 86_400_000 }
}
