import type {
  GenerationsTable,
  AttemptsTable,
  EventsTable,
  ExchangesTable,
  GenerationCharactersTable,
  GenerationLabelsTable,
} from './tables/generation-tables.ts'
import type {
  CharactersTable,
  BindingsTable,
  ComparisonsTable,
  ComparisonScoresTable,
} from './tables/character-tables.ts'
import type { SeriesEventsTable, SeriesTable } from './tables/series-tables.ts'
import type {
  IdempotencyTable,
  CallsTable,
  RecentCreatesTable,
  SubmissionPausesTable,
} from './tables/call-tables.ts'
import type { AttemptTimesTable, BreakerOpeningsTable } from './tables/statistics-tables.ts'
import type { DeliveriesTable, WebhookSecretsTable } from './tables/webhook-tables.ts'
import type {
  KeysTable,
  AuditTable,
  TenantBudgetsTable,
  KeyUsesTable,
  SessionsTable,
} from './tables/account-tables.ts'
import type {
  GenerationCountsTable,
  KeyMonthsTable,
  KeyOpenTable,
  TotalsCheckTable,
  UsageDaysTable,
  UsagePathPartsTable,
  UsagePathsTable,
} from './migrations/totals/totals-schema.ts'

/**
 * The tables of both engines. Instants are ms since the epoch, money is micro-dollars, `doc`, `data` and `operation`
 * are JSON text. Values are parsed again when they are read.
 */
export interface Schema {
  generations: GenerationsTable
  attempts: AttemptsTable
  events: EventsTable
  idempotency: IdempotencyTable
  key_open: KeyOpenTable
  key_months: KeyMonthsTable
  usage_days: UsageDaysTable
  usage_paths: UsagePathsTable
  usage_path_parts: UsagePathPartsTable
  generation_counts: GenerationCountsTable
  totals_check: TotalsCheckTable
  recent_creates: RecentCreatesTable
  calls: CallsTable
  submission_pauses: SubmissionPausesTable
  characters: CharactersTable
  bindings: BindingsTable
  keys: KeysTable
  key_uses: KeyUsesTable
  sessions: SessionsTable
  tenant_budgets: TenantBudgetsTable
  audit: AuditTable
  generation_characters: GenerationCharactersTable
  generation_labels: GenerationLabelsTable
  comparisons: ComparisonsTable
  comparison_scores: ComparisonScoresTable
  series: SeriesTable
  series_events: SeriesEventsTable
  deliveries: DeliveriesTable
  webhook_secrets: WebhookSecretsTable
  installation: InstallationTable
  exchanges: ExchangesTable
  breaker_openings: BreakerOpeningsTable
  attempt_times: AttemptTimesTable
}

/**
 * `held_since`: ms since the epoch, set while the work of a restored database is held.
 * `search:<upstream id>`: the jobs that the upstream created since the backup, as JSON.
 */
export interface InstallationTable {
  name: string
  value: string
}
