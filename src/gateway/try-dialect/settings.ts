import type { DialectSettings } from '../upstreams/described/described-dialect.ts'

/** An upstream that could exist: whatever a description may do, it may do here. */
export function trialSettings(dialect: string): DialectSettings {
  return {
    createServerError: 'unknown',
    keyPair: { accessKey: 'access-key', secretKey: 'secret-key' },
    spec: {
      id: 'trial',
      kind: 'reverse',
      dialect,
      models: { 'model-1': 'model-1', 'model-2': 'model-2' },
      durations: null,
      sizes: null,
      references: ['image', 'video'],
      characters: 'native',
      maxCharacters: 5,
      characterClip: null,
      maxPromptCharacters: null,
      price: { type: 'per_request', micros: 0 },
      chargedOn: 'success',
      maxInFlight: null,
      createsPerMinute: null,
      pollsPerSecond: null,
      poll: { firstAfterMs: 10_000, everyMs: 5_000 },
      stallMs: 300_000,
      attemptMs: 900_000,
    },
  }
}
