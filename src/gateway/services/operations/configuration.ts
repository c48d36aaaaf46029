import type { Json } from '../../domain/json.ts'

/** The configuration in force, for who administers. */
export interface ConfigurationView {
  version: string
  nodeVersion: string
  /** The file; null where there is none, and the built-in settings apply. */
  path: string | null
  /** In ms since the epoch: of the start or of the last reload. */
  loadedAt: number
  /** Changes when a setting does. */
  digest: string
  /** In the words of the file, with their defaults and without secrets. */
  settings: { [key: string]: Json }
}

export type ShowConfiguration = () => ConfigurationView
