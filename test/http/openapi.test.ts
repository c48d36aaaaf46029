import { readFile } from 'node:fs/promises'
import t from 'tap'
import { z } from 'zod'
import { problemKinds } from '../../src/gateway/http/answers/problems.ts'
import { AuditEntryDto } from '../../src/gateway/http/schemas/accounts/audit.ts'
import * as openaiRequests from '../../src/gateway/http/compat/openai/requests.ts'
import * as openaiSchemas from '../../src/gateway/http/compat/openai/schemas.ts'
import * as soraSchemas from '../../src/gateway/http/compat/sora/schemas.ts'
import { Liveness, Readiness } from '../../src/gateway/http/schemas/operations/health.ts'
import {
  BindingRequest,
  CharacterChange,
  CharacterRequest,
  StillsRequest,
} from '../../src/gateway/http/schemas/characters/character-request.ts'
import { CharacterDto } from '../../src/gateway/http/schemas/characters/character.ts'
import { CharacterUsageDto } from '../../src/gateway/http/schemas/characters/character-usage.ts'
import { StillsDto } from '../../src/gateway/http/schemas/characters/character-stills.ts'
import { EstimateDto, EstimateRequest } from '../../src/gateway/http/schemas/generations/estimate.ts'
import { SeriesDto } from '../../src/gateway/http/schemas/series/series.ts'
import { SeriesEvent, SeriesEventFrame } from '../../src/gateway/http/schemas/series/series-event.ts'
import { SeriesPlanDto } from '../../src/gateway/http/schemas/series/series-plan.ts'
import { SeriesRequest, SeriesRetryRequest } from '../../src/gateway/http/schemas/series/series-request.ts'
import { SeriesManifestDto } from '../../src/gateway/http/schemas/series/series-manifest.ts'
import { ComparisonSummary } from '../../src/gateway/http/schemas/comparisons/comparison-summary.ts'
import { ComparisonDto } from '../../src/gateway/http/schemas/comparisons/comparison.ts'
import { ComparisonCostDto } from '../../src/gateway/http/schemas/comparisons/comparison-cost.ts'
import {
  ComparisonPreviewRequest,
  ComparisonRequest,
  ScoresRequest,
} from '../../src/gateway/http/schemas/comparisons/comparison-request.ts'
import { DeliveryDto } from '../../src/gateway/http/schemas/webhooks/delivery.ts'
import { CancelRequest, CancelResult } from '../../src/gateway/http/schemas/generations/cancel-many.ts'
import {
  GenerationEvent,
  GenerationEventFrame,
  GenerationEventList,
} from '../../src/gateway/http/schemas/generations/event.ts'
import { GenerationSummary } from '../../src/gateway/http/schemas/generations/generation-summary.ts'
import { GenerationCountsDto } from '../../src/gateway/http/schemas/generations/generation-counts.ts'
import { GenerationFilterBody } from '../../src/gateway/http/schemas/generations/generation-filter.ts'
import { GenerateRequest } from '../../src/gateway/http/schemas/generations/generate.ts'
import { ExchangesDto } from '../../src/gateway/http/schemas/operations/exchange.ts'
import { GenerationDto } from '../../src/gateway/http/schemas/generations/generation.ts'
import { TenantChange, TenantDto } from '../../src/gateway/http/schemas/accounts/tenant.ts'
import { FailingDeliveryDto } from '../../src/gateway/http/schemas/webhooks/failing-delivery.ts'
import { NodeDto } from '../../src/gateway/http/schemas/operations/node.ts'
import { ConfigurationDto } from '../../src/gateway/http/schemas/operations/configuration.ts'
import { SessionDto, SessionRequest } from '../../src/gateway/http/schemas/console/session.ts'
import { KeyDto, MadeKeyDto } from '../../src/gateway/http/schemas/accounts/key.ts'
import { KeyChange, KeyRequest, RotateRequest } from '../../src/gateway/http/schemas/accounts/key-request.ts'
import { EventTicketDto, EventTicketRequest } from '../../src/gateway/http/schemas/operations/event-ticket.ts'
import { Change, ChangeFrame } from '../../src/gateway/http/schemas/operations/change.ts'
import { BreakerResetDto, ProbeDto } from '../../src/gateway/http/schemas/operations/steering.ts'
import { PauseDto, PauseRequest, Resumption } from '../../src/gateway/http/schemas/operations/pause.ts'
import { Release, RestoreDto } from '../../src/gateway/http/schemas/operations/operation.ts'
import { OperatedAttemptDto, ResolveRequest } from '../../src/gateway/http/schemas/operations/resolve.ts'
import { ResubmitRequest } from '../../src/gateway/http/schemas/operations/resubmit.ts'
import { ModelDto } from '../../src/gateway/http/schemas/catalogue/model.ts'
import { RoutePlanDto } from '../../src/gateway/http/schemas/generations/plan.ts'
import { RoutePreviewDto } from '../../src/gateway/http/schemas/generations/preview.ts'
import { ProblemDto } from '../../src/gateway/http/schemas/problem.ts'
import { ProblemEntryDto, ProblemEntryList } from '../../src/gateway/http/schemas/catalogue/problem-entry.ts'
import { UpstreamDto } from '../../src/gateway/http/schemas/operations/upstream.ts'
import { StatisticsDto, UpstreamStatisticsDto } from '../../src/gateway/http/schemas/operations/statistics.ts'
import { UsageDto } from '../../src/gateway/http/schemas/accounts/usage-report.ts'
import { VendorWebhook } from '../../src/gateway/http/schemas/webhooks/vendor-webhook.ts'
import { SeriesMessage, WebhookMessage } from '../../src/gateway/http/schemas/webhooks/webhook-message.ts'
import {
  MadeWebhookSecretDto,
  WebhookSecretDto,
  WebhookSecretRequest,
} from '../../src/gateway/http/schemas/webhooks/webhook-secret.ts'
import { serve } from './stub-services.ts'

const committed = JSON.parse(await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'))

interface Operation {
  operationId: string
  tags: string[]
  summary: string
  security: Array<Record<string, string[]>>
  responses: Record<
    string,
    { description: string; headers: object; content?: Record<string, { schema: { $ref?: string } }> }
  >
}

function operations(): Array<[name: string, operation: Operation]> {
  return Object.entries<Record<string, Operation>>(committed.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  )
}

t.test('the served document is the committed one', async (t) => {
  const app = await serve(t)
  const served = await app.inject('/openapi.json')
  t.strictSame(served.json(), committed, 'else run `npm run openapi`')
})

/** Those that are published, by the names that they are published under. */
function schemasOf(...modules: object[]): Record<string, z.ZodType> {
  const exported = modules.flatMap((module) => Object.values(module))
  return Object.fromEntries(
    exported.flatMap((schema) => (schema instanceof z.ZodType ? [[schema.meta()?.id, schema]] : [])),
  )
}

t.test('every example keeps to its schema', async (t) => {
  const named: Record<string, z.ZodType> = {
    AuditEntry: AuditEntryDto,
    ...schemasOf(openaiRequests, openaiSchemas, soraSchemas),
    BindingRequest,
    CancelRequest,
    Change,
    ChangeFrame,
    CancelResult,
    Character: CharacterDto,
    CharacterChange,
    CharacterRequest,
    CharacterUsage: CharacterUsageDto,
    Stills: StillsDto,
    StillsRequest,
    Estimate: EstimateDto,
    EstimateRequest,
    EventTicket: EventTicketDto,
    EventTicketRequest,
    Exchanges: ExchangesDto,
    Comparison: ComparisonDto,
    ComparisonSummary,
    ComparisonRequest,
    ComparisonPreviewRequest,
    ComparisonCost: ComparisonCostDto,
    Delivery: DeliveryDto,
    FailingDelivery: FailingDeliveryDto,
    GenerateRequest,
    Generation: GenerationDto,
    GenerationCounts: GenerationCountsDto,
    GenerationEvent,
    GenerationEventList,
    GenerationSummary,
    GenerationFilter: GenerationFilterBody,
    Key: KeyDto,
    KeyChange,
    KeyRequest,
    GenerationEventFrame,
    Liveness,
    MadeKey: MadeKeyDto,
    Session: SessionDto,
    Configuration: ConfigurationDto,
    Node: NodeDto,
    SessionRequest,
    Model: ModelDto,
    MadeWebhookSecret: MadeWebhookSecretDto,
    OperatedAttempt: OperatedAttemptDto,
    Problem: ProblemDto,
    ProblemEntry: ProblemEntryDto,
    ProblemEntryList,
    Readiness,
    BreakerReset: BreakerResetDto,
    Probe: ProbeDto,
    Pause: PauseDto,
    PauseRequest,
    Release,
    Resumption,
    Restore: RestoreDto,
    ResolveRequest,
    ResubmitRequest,
    RotateRequest,
    RoutePlan: RoutePlanDto,
    RoutePreview: RoutePreviewDto,
    ScoresRequest,
    Tenant: TenantDto,
    TenantChange,
    Series: SeriesDto,
    SeriesManifest: SeriesManifestDto,
    SeriesRequest,
    SeriesRetryRequest,
    SeriesPlan: SeriesPlanDto,
    SeriesEvent,
    SeriesEventFrame,
    Upstream: UpstreamDto,
    Statistics: StatisticsDto,
    UpstreamStatistics: UpstreamStatisticsDto,
    Usage: UsageDto,
    VendorWebhook,
    WebhookMessage,
    SeriesMessage,
    WebhookSecret: WebhookSecretDto,
    WebhookSecretRequest,
  }
  const schemas = Object.entries<{ type?: string; examples?: unknown[] }>(committed.components.schemas)
  for (const [id, { examples = [] }] of schemas) {
    const schema = named[id]
    if (schema === undefined) t.strictSame(examples, [], `${id} has examples that nobody checks`)
    else if (!id.endsWith('Form')) t.ok(examples.length > 0, `${id} has an example`)
    for (const example of examples) t.doesNotThrow(() => schema?.parse(example), id)
  }
})

t.test('every operation is named, tagged, secured and says how it can fail', async (t) => {
  const ids = new Set<string>()
  for (const [name, operation] of operations()) {
    ids.add(operation.operationId)
    t.ok(operation.operationId, name)
    t.equal(operation.tags.length, 1, name)
    t.ok(operation.summary, name)
    const isPublic = /\/(?:health|problems)(?:\/|$)| \/console\/session$/.test(name)
    // An empty requirement says that it takes none of the others.
    const isOpen = operation.security.every((requirement) => Object.keys(requirement).length === 0)
    const isOptional = operation.security.some((requirement) => Object.keys(requirement).length === 0)
    t.equal(isOpen || isOptional, isPublic, name)
    for (const [status, { description, content, headers }] of Object.entries(operation.responses)) {
      t.not(description, 'Default Response', `${name} ${status}`)
      t.ok('X-Request-Id' in headers, `${name} ${status}`)
      const problem = content?.['application/problem+json']?.schema.$ref
      if (Number(status) >= 400 && content?.['application/json'] === undefined) {
        t.equal(problem, '#/components/schemas/Problem', `${name} ${status}`)
        const codes = [...description.matchAll(/`(\w+)`/g)].map(([, code]) => code)
        t.ok(
          codes.length > 0 && codes.every((code) => code !== undefined && code in problemKinds),
          description,
        )
      }
    }
    const isKeyed = operation.security.some((requirement) => 'key' in requirement)
    t.equal(isKeyed, !isPublic && name !== 'post /webhooks/{upstream}', name)
    const scopesOf = (scheme: string) => operation.security.flatMap((each) => each[scheme] ?? [])
    t.strictSame(
      scopesOf('session'),
      scopesOf('key'),
      `${name} takes the session of a browser as it takes a key`,
    )
    if (isKeyed)
      for (const status of ['401', '403', '429', '503'])
        t.ok(operation.responses[status], `${name} ${status}`)
  }
  t.equal(ids.size, operations().length, 'operation ids are unique')
})

t.test('no schema is published twice or unused', async (t) => {
  const text = JSON.stringify(committed)
  for (const id of Object.keys(committed.components.schemas)) {
    t.notMatch(id, /Input$/)
    t.ok(text.includes(`"$ref":"#/components/schemas/${id}"`), id)
  }
  for (const [, id] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    t.ok(id !== undefined && id in committed.components.schemas, String(id))
  }
})

t.test('no schema has a shape or a name that generators of clients cannot take', async (t) => {
  const schemas: Record<string, unknown> = committed.components.schemas
  for (const name of Object.keys(schemas))
    t.notOk(Object.hasOwn(schemas, `New${name}`), `Go makes New${name}`)
  const nothing: string[] = []
  JSON.stringify(committed, (key, value) => {
    const isAlternative = key === '' || /^\d+$/.test(key)
    if (!isAlternative && value?.type === 'null' && key !== 'schema') nothing.push(key)
    return value
  })
  t.same(nothing, [], 'a field that is always null')
})

t.test('unions say which member tells them apart', async (t) => {
  t.strictSame(Object.keys(committed.components.schemas.CharacterSource.discriminator.mapping), [
    'url',
    'upload',
    'generation',
    'pictures',
  ])
  t.equal(committed.components.schemas.Price.discriminator.propertyName, 'type')
})

t.test('answers may grow, requests may not', async (t) => {
  t.notOk('additionalProperties' in committed.components.schemas.Generation)
  t.equal(committed.components.schemas.GenerateRequest.additionalProperties, false)
  t.equal(committed.components.schemas.Routing.additionalProperties, false)
})

t.test('the pages of the documentation need no key', async (t) => {
  const app = await serve(t)
  const page = await app.inject('/docs')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  t.notMatch(page.headers['content-security-policy'], /upgrade-insecure/)
  t.strictSame((await app.inject('/docs/json')).json(), committed)
  t.equal((await app.inject('/docs/static/swagger-ui.css')).statusCode, 200)
  const missing = await app.inject({ url: '/docs/nothing', headers: { 'x-request-id': 'mine' } })
  t.match(missing.json(), { status: 404, code: 'not_found', request_id: 'mine' })
})
