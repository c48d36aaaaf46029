import { exclusive, shared, type Lock } from './write-options.ts'

// Names are made here, so that all operations that must not run beside each other use the same one.

/** Whoever changes a generation or its deliveries. Groups of such operations would otherwise wait for each other's rows. */
export const generationLock = (id: string): Lock => exclusive(`generation:${id}`)
/** What an attempt exchanged with its vendor. */
export const attemptLock = (id: string): Lock => exclusive(`attempt:${id}`)
/** The limits of a key. */
export const keyLock = (tenant: string, key: string): Lock => exclusive(`key:${tenant}/${key}`)
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
/** The budget of a tenant. Whoever only needs to know that there is none takes it `shared`. */
export const tenantLock = (tenant: string) => ({
  change: exclusive(`tenant:${tenant}`),
  hasNone: shared(`tenant:${tenant}`),
})
