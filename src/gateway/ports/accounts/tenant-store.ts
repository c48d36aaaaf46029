import type { AuditEntry } from '../../domain/accounts/audit.ts'

/** The settings of a tenant. Money in micro-dollars. */
export interface TenantSettings {
  /** Null: no budget. */
  monthlyBudgetMicros: number | null
}

/** What is set for tenants. A write, with its audit entry, is durable when its promise resolves. */
export interface TenantStore {
  /** Without a budget, if nothing is set for it. */
  get(tenant: string): Promise<TenantSettings>
  /** In order, those after `after`: tenants with a setting, and those that ever made a generation. */
  names(query: { after: string | null; limit: number }): Promise<string[]>
  /** Whether `names` has it. */
  has(tenant: string): Promise<boolean>
  /** Returns the settings before. Where nothing changes, no audit entry is written. */
  put(
    tenant: string,
    settings: TenantSettings,
    audit: (before: TenantSettings) => AuditEntry,
  ): Promise<TenantSettings>
}
