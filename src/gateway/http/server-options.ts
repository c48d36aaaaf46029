import type { FastifyBaseLogger } from 'fastify'
import type { RequestCounts } from '../ports/accounts/request-counts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Tracer } from '../ports/tracer.ts'
import type { AttemptService } from '../services/operations/attempts.ts'
import type { Scrape } from '../services/observability/scrape.ts'
import type { AnsweredRequest } from './edge/timed-requests.ts'
import type { EventTickets } from '../services/accounts/event-tickets.ts'
import type { AuditService } from '../services/accounts/audit.ts'
import type { CatalogueService } from '../services/catalogue/catalogue.ts'
import type { CharacterService } from '../services/characters/characters.ts'
import type { EstimateService } from '../services/usage/estimates.ts'
import type { ChangeService } from '../services/changes/changes.ts'
import type { ComparisonService } from '../services/comparisons/comparisons.ts'
import type { GenerationViews } from '../services/generations/generation-views.ts'
import type { GenerationService } from '../services/generations/generations.ts'
import type { KeyService } from '../services/accounts/keys.ts'
import type { SessionService } from '../services/accounts/sessions.ts'
import type { TenantService } from '../services/accounts/tenants.ts'
import type { SeriesService } from '../services/series/series.ts'
import type { SeriesResults } from '../services/series-results/series-results.ts'
import type { MediaIntake } from '../services/media/media-intake.ts'
import type { SignedAddresses } from '../services/generations/signed-addresses.ts'
import type { ShareVideo } from '../services/generations/share-video.ts'
import type { NodeService } from '../services/operations/nodes.ts'
import type { ShowConfiguration } from '../services/operations/configuration.ts'
import type { Authenticate, IsValid, OperationsService } from '../services/operations/operations.ts'
import type { StatisticsService } from '../services/statistics/statistics.ts'
import type { UsageService } from '../services/usage/usage.ts'
import type { ReceiveWebhook } from '../services/webhooks/vendor-webhooks.ts'
import type { WebhookService } from '../services/webhooks/webhooks.ts'
import type { ConsolePages } from './console/console-pages.ts'
import type { BodyBounds } from './edge/body-budget.ts'
import type { LineBounds } from './edge/pipeline-limit.ts'
import type { ConnectionBounds } from './edge/connections.ts'
import type { FailureRules } from './edge/failed-authentication.ts'
import type { Pressure } from './edge/pressure.ts'
import type { CutTimes } from './shutdown.ts'

export interface ServerTimes extends CutTimes {
  /** From the first byte of a request to the end of its headers, and to the end of its body. */
  headersMs: number
  requestMs: number
  /** Without a byte in either direction; more than the longest wait of a call (a URL to fetch, a binding to make). */
  idleMs: number
  /** How often Node looks for late requests. */
  checkMs: number
  heartbeatMs: number
}

export const defaultTimes: ServerTimes = {
  headersMs: 15_000,
  requestMs: 600_000,
  idleMs: 300_000,
  checkMs: 5_000,
  heartbeatMs: 15_000,
  cutMs: 10_000,
  unreadMs: 3000,
}

export interface ServerLimits {
  bodyBytes?: number
  uploadBytes: number
  /** Connections at once, of all callers together. */
  connections?: ConnectionBounds
  lines?: LineBounds
  /** Event streams at once: of one key, and of all. */
  streamsPerKey?: number
  streams?: number
  /** Calls that wait for a generation, likewise. */
  waitsPerKey?: number
  waits?: number
  bodies?: BodyBounds
}

export interface ServerDeps {
  generations: GenerationService
  views: GenerationViews
  characters: CharacterService
  comparisons: ComparisonService
  series: SeriesService
  seriesResults: SeriesResults
  changes: ChangeService
  operations: OperationsService
  attempts: AttemptService
  usage: UsageService
  statistics: StatisticsService
  estimates: EstimateService
  catalogue: CatalogueService
  keys: KeyService
  tenants: TenantService
  audit: AuditService
  sessions: SessionService
  eventTickets: EventTickets
  configuration: ShowConfiguration
  nodes: Pick<NodeService, 'list'>
  intake: MediaIntake
  shareVideo: ShareVideo
  addresses: SignedAddresses
  authenticate: Authenticate
  isValid: IsValid
  failures?: FailureRules
  /** Who counts the requests of keys with a limit; absent: this process alone. */
  requestCounts?: RequestCounts | null
  onUnknownKeys: (address: string) => void
  receiveWebhook: ReceiveWebhook
  webhooks: WebhookService
  logger: FastifyBaseLogger | false
  /** Absent where metrics are off. */
  scrape?: Scrape
  onAnswered?: (answered: AnsweredRequest) => void
  /** Absent: requests have no spans. */
  tracing?: { tracer: Tracer; clock: Clock } | undefined
  limits: ServerLimits
  times?: Partial<ServerTimes>
  pressure?: Pressure
  /** Absent: there is no web console. */
  console?: ConsolePages
  /** The configured address of this server; null or absent where there is none. */
  publicUrl?: string | null
  /** Origins whose pages may call; absent: none. */
  corsOrigins?: readonly string[]
  /** As Fastify's: whose `x-forwarded-…` to believe. */
  trustProxy?: boolean | string | string[]
}
