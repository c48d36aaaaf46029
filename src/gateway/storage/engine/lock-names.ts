import { exclusive, shared, type Lock } from './write-options.ts'

// Names are made here, so that all operations that must not run beside each other use the same one.

/** Whoever changes a generation or its deliveries. Groups of such operations would otherwise wait for each other's rows. */
export const generationLock = (id: string): Lock => exclusive(`generation:${id}`)
/** What an attempt exchanged with its vendor. */
export const attemptLock = (id: string): Lock => exclusive(`attempt:${id}`)
/** The limits of a key. */
export const keyLock = (tenant: string, key: string, { inOneStatement = false } = {}): Lock => ({
  ...exclusive(`key:${tenant}/${key}`),
  inOneStatement,
  last: true,
})
/** The first answer under an idempotency key. */
export const answerLock = (tenant: string, key: string): Lock => exclusive(`answer:${tenant}/${key}`)
/** Creates of clients that retry on their own. */
export const retryLock = (tenant: string, hash: string): Lock => exclusive(`retry:${tenant}/${hash}`)
/** The limits of an upstream: its money and its slots. */
export const upstreamLock = (id: string): Lock => exclusive(`upstream:${id}`)
/** Who owns a job of a vendor. */
export const jobLock = (upstream: string, id: string): Lock => exclusive(`job:${upstream}/${id}`)
/** Pauses hold back what takes this lock `shared`. */
export const pausesLock = { change: exclusive('pauses'), respect: shared('pauses') }
/** Names of keys are unique, and one that may manage the others always stays. */
export const keysLock = exclusive('keys')
/** A session that is made while those of its key are ended is made before, and ended, or after. */
export const sessionsLock = (keyId: string): Lock => exclusive(`sessions:${keyId}`)
/** Names of characters are unique in a tenant: of two that take one at the same time, the second is told. */
export const characterNamesLock = (tenant: string): Lock => exclusive(`characters:${tenant}`)
/** Raters of a comparison are counted, and it is not removed meanwhile. */
export const scoresLock = (comparison: string): Lock => exclusive(`scores:${comparison}`)
/** One note in the audit log names what goes from it. */
export const auditRetentionLock = exclusive('audit_retention')
export const webhookSecretsLock = (tenant: string): Lock => exclusive(`webhook_secrets:${tenant}`)
/** Whoever claims looks at more rows than it takes, so claims follow one another. */
export const claimsLock = (table: string): Lock => exclusive(`claims:${table}`)
/** The budget of a tenant. Whoever only needs to know that there is none takes it `shared`. */
export const tenantLock = (tenant: string) => ({
  change: exclusive(`tenant:${tenant}`),
  hasNone: shared(`tenant:${tenant}`),
})
