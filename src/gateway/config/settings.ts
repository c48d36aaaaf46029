import type { NodeRole } from '../domain/fleet/node.ts'
import type { ConfiguredLogLevel } from './log-level.ts'
import type * as z from 'zod'
import type { AnswerWords, ServerErrorMeaning } from '../domain/routing/answer-words.ts'
import type { TlsMode } from '../domain/tls-mode.ts'
import type { Client } from '../domain/accounts/client.ts'
import type { CharacterMaterial } from '../domain/characters/character.ts'
import type { StepKind } from '../domain/scheduling/step-pool.ts'
import type { Retention } from '../domain/generation/retention.ts'
import type { FailureRule, FidelityFloor, Priority } from '../domain/generation/request.ts'
import type { UpstreamSpec, SourceCalls } from '../domain/routing/upstream.ts'

/** The embedded database: one process, one file. Relative paths are relative to the working directory. */
export interface SqliteStorage {
  readonly type: 'sqlite'
  readonly file: string
}

/** A server, whose URL is a secret of its own. */
export interface PostgresStorage {
  readonly type: 'postgres'
  /** Host, port and database, for people. */
  readonly address: string
  /** The most connections that this process opens. */
  readonly connections: number
  readonly statementTimeoutMs: number
  /** False behind a pooler that gives a connection to another client after each transaction. */
  readonly preparedStatements: boolean
  readonly standby: StandbyRule
  readonly tls: StorageTls
  /** Where the node hears of what others do; the server itself where a pooler stands before it. */
  readonly listen: { readonly address: string; readonly tls: StorageTls }
}

/** `ca`: the file of the authorities that are trusted; null: those of Node.js. */
export interface StorageTls {
  readonly mode: TlsMode
  readonly ca: string | null
}

/** `expected`: the start warns where no synchronous standby is connected. */
export const standbyRules = ['expected', 'none'] as const
export type StandbyRule = (typeof standbyRules)[number]

/** The dialects this build speaks, with the profiles of each; the first profile is the default. */
export type KnownDialects = Readonly<Record<string, KnownDialect>>

export interface KnownDialect {
  readonly profiles: readonly string[]
  /** What `traits` of an upstream may set over those of its profile; absent where there are none. */
  readonly traits?: z.ZodType
  /** Whether characters can be made there; absent where it does not depend on the configuration. */
  readonly keepsCharacters?: (profile: string, traits: Readonly<Record<string, unknown>>) => boolean
  /** Whether the clip of a character may be sent with a create; absent if unknown. */
  readonly takesClips?: (profile: string, traits: Readonly<Record<string, unknown>>) => boolean
  /** The default capabilities of its upstreams. Absent: none. */
  readonly capabilities?: () => Readonly<Record<string, unknown>>
  /** What native characters are created from; absent for a clip. */
  readonly charactersFrom?: () => readonly CharacterMaterial[]
  /** The names that its creates use for inputs; absent if unknown. */
  readonly says?: () => ReadonlySet<string>
  /** What a key pair is for: calls to the upstream itself, and services that make characters. Absent: nothing. */
  readonly signs?: () => Signs
  /** Absent: nothing is known about its paths. */
  readonly paths?: () => DialectPaths | undefined
  /** Which calls there start from a video: all of them, a remix of its own videos, or none. Absent: all. */
  readonly sources?: (profile: string, traits: Readonly<Record<string, unknown>>) => SourceCalls
  /** Which lengths its servers take where the configuration lists none. Absent: any. */
  readonly lengths?: (
    profile: string,
    traits: Readonly<Record<string, unknown>>,
  ) => { wholeSeconds?: boolean; maxSeconds?: number }
}

export interface Signs {
  readonly calls: boolean
  readonly services: boolean
}

/** Where a dialect's calls go, below `base_url`. */
export interface DialectPaths {
  /** Of its create; may hold placeholders in braces. */
  readonly create: string
  /** The path that `base_url` usually has, such as `/v1`; null where it has none or it is unknown. */
  readonly base: string | null
}

/** Dialects that a configuration describes itself. */
export interface InlineDialects {
  /** Undefined for a description without the path of a create, which is a fault of its own. */
  pathsOf(description: Readonly<Record<string, unknown>>): DialectPaths | undefined
  /** A description with what it extends. */
  whole(description: Readonly<Record<string, unknown>>): Record<string, unknown>
  /** What a whole description has to fit. */
  schemaOf(whole: Readonly<Record<string, unknown>>): z.ZodType
  capabilitiesOf(whole: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>
  /** What native characters of a checked description are created from. */
  charactersFromOf(whole: Readonly<Record<string, unknown>>): readonly CharacterMaterial[]
  /** The names that its creates use for inputs; null if the dialect does not match its schema. */
  saysOf(whole: Readonly<Record<string, unknown>>): ReadonlySet<string> | null
  signsOf(whole: Readonly<Record<string, unknown>>): Signs
  /** What an upstream of it is called where its dialect is named. */
  nameOf(whole: Readonly<Record<string, unknown>>): string
}

/** Where S3-compatible storage is, and how it is used. */
export interface Bucket {
  readonly bucket: string
  /** Of all keys, without slashes at its ends; empty for none. */
  readonly prefix: string
  readonly endpoint: string
  readonly region: string
  readonly pathStyle: boolean
  /** Where callers reach it, who are sent there for videos; null: the gateway serves them. */
  readonly publicEndpoint: string | null
  /** What the files that are on their way may take up on the disk. */
  readonly bufferBytes: number
}

/**
 * Everything that was configured, checked and completed: milliseconds, micro-dollars, deeply frozen. Holds no secret,
 * so it may be logged.
 */
export interface Config {
  readonly server: {
    readonly host: string
    readonly port: number
    /** Without a trailing slash; null: the address the server turns out to listen on. */
    readonly publicUrl: string | null
    /** Addresses and ranges of proxies whose `X-Forwarded-…` headers are believed. */
    readonly trustProxy: readonly string[]
    /** Origins whose pages may call, such as `https://app.example`; `*` for all. */
    readonly corsOrigins: readonly string[]
    /** How many event streams may be open at once. */
    readonly eventStreams: number
    readonly role: NodeRole
  }
  /** Whether the web console is served. */
  readonly console: boolean
  /** Null: `info` with a configuration or where the output is collected, else `warn`. */
  readonly log: { readonly level: ConfiguredLogLevel | null }
  readonly storage: SqliteStorage | PostgresStorage
  readonly media: {
    /** With S3, only what is on its way lies here. */
    readonly directory: string
    /** Null: the archive is the folder. */
    readonly s3: Bucket | null
    /** null: kept until deleted. */
    readonly retentionDays: number | null
    /** Of one file. */
    readonly maxBytes: number
  }
  /** In ms; null keeps. */
  readonly retention: Readonly<Retention>
  readonly workers: {
    /** How much may be under way at one upstream, by kind of step. */
    readonly concurrency: Readonly<Record<StepKind | 'total', number>>
    /** How long what is due may wait before the process no longer counts as ready. */
    readonly overdueMs: number
  }
  readonly clients: readonly Client[]
  readonly routing: RoutingDefaults
  readonly fetch: {
    readonly allowPrivateHosts: readonly string[]
    /** Of a file that arrives; 0 for no limit. */
    readonly minBytesPerSecond: number
    /** Addresses with ports, for all host names; null for those of the system. */
    readonly dnsServers: readonly string[] | null
  }
  /** Null: nothing is counted. `listen`: where they are served without a key; null: only to keys, on the address of the API. */
  readonly metrics: { readonly listen: { readonly host: string; readonly port: number } | null } | null
  /** Null: off. */
  readonly traces: TracesConfig | null
  readonly upstreams: readonly UpstreamConfig[]
  /** What the composition root has to add: the simulator's upstreams when there is no file, a generated key when no key is configured. */
  readonly builtins: { readonly upstreams: boolean; readonly key: boolean }
}

/** `honor`: a trace that a caller keeps is kept here. `ignore`: the ratio decides about it as well. */
export const callerSamplings = ['honor', 'ignore'] as const
export type CallerSampling = (typeof callerSamplings)[number]

export interface TracesConfig {
  /** Where spans are posted to. */
  readonly url: string
  readonly serviceName: string
  /** 0-1, of the traces that begin here. */
  readonly sampleRatio: number
  readonly callerSampling: CallerSampling
  readonly timeoutMs: number
  readonly mostQueued: number
  readonly toWebhooks: boolean
  /** The upstreams whose creates say which trace they belong to. */
  readonly toUpstreams: readonly string[]
}

/** The defaults for a request without `routing`. */
export interface RoutingDefaults {
  readonly model: string
  readonly priority: Priority
  readonly fallback: boolean
  readonly characterFidelity: FidelityFloor
  readonly onUnknown: FailureRule
  readonly unknownHoldMs: number
  /** After a job that was accepted failed for no reason that is known. */
  readonly onUnexplained: FailureRule
  /** How long after its creation a generation's open attempts are still asked about. */
  readonly watchMs: number
  readonly deadlineMs: number
}

export interface UpstreamConfig {
  readonly spec: UpstreamSpec
  /** Without a trailing slash, a query or credentials. */
  readonly baseUrl: string
  /** null when the dialect has no profiles. */
  readonly profile: string | null
  /** Set over the profile's own; empty for none. */
  readonly traits: Readonly<Record<string, unknown>>
  /** Of an inline dialect, whole and checked; null for a named one. */
  readonly description: Readonly<Record<string, unknown>> | null
  readonly timeouts: { readonly connectMs: number; readonly createMs: number }
  readonly breaker: {
    /** 0-1. */
    readonly failureRate: number
    readonly windowMs: number
    readonly minCalls: number
    readonly openMs: number
  }
  readonly modelGoneMs: number
  /** The vendor's header for an idempotency key that it honours; null when it has none. */
  readonly idempotencyHeader: string | null
  /** What a 5xx with the vendor's error body means for a create. */
  readonly createServerError: ServerErrorMeaning
  /** Words of its answers, beside those that are known. */
  readonly answers: AnswerWords
}

export interface DatabaseSecret {
  readonly url: string
  readonly password: string
}

/** Kept apart from `Config` and never printed. The first maps are by upstream id; one without an entry has no such secret. */
export interface Secrets {
  /** Of the database server; null for an embedded database. */
  readonly database: (DatabaseSecret & { readonly listen: DatabaseSecret }) | null
  /** Of the bucket; null for a folder. */
  readonly bucket: {
    readonly accessKey: string
    readonly secretKey: string
    readonly sessionToken: string | null
  } | null
  /** Of the environment; null where it has none. */
  readonly adminKey: string | null
  readonly clientKeys: ReadonlyArray<{ readonly name: string; readonly key: string }>
  readonly upstreamKeys: ReadonlyMap<string, string>
  readonly upstreamKeyPairs: ReadonlyMap<string, { readonly accessKey: string; readonly secretKey: string }>
  /** Headers that go with every request to an upstream. */
  readonly upstreamHeaders: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** For the collector of traces. */
  readonly traceHeaders: Readonly<Record<string, string>>
  readonly webhookSecrets: ReadonlyMap<string, string>
  /** What webhooks are signed with, by tenant. */
  readonly signingSecrets: ReadonlyMap<string, readonly string[]>
}
