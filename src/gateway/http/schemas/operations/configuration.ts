import { z } from 'zod'
import type { ConfigurationView } from '../../../services/operations/configuration.ts'
import { timestamp, toTimestamp } from '../fields.ts'

export const ConfigurationDto = z
  .object({
    object: z.literal('configuration'),
    version: z.string().meta({ description: 'Of the gateway.' }),
    node_version: z.string(),
    path: z
      .string()
      .nullable()
      .meta({ description: 'The configuration file. Null without one: the built-in settings apply.' }),
    loaded_at: timestamp.meta({ description: 'The start of the process, or the last reload.' }),
    digest: z.string().meta({ description: 'Changes when a setting does. Secrets are no part of it.' }),
    settings: z.record(z.string(), z.unknown()).meta({
      description: 'The settings in the words of the file, with their defaults. Secrets are masked.',
    }),
  })
  .meta({
    id: 'Configuration',
    description: 'The configuration in force, without secrets.',
    examples: [
      {
        object: 'configuration',
        version: '1.0.0',
        node_version: '24.21.0',
        path: '/etc/understudy/understudy.yaml',
        loaded_at: '2026-11-24T08:00:00.000Z',
        digest: '5f3b1c7e9a20',
        settings: {
          server: { host: '127.0.0.1', port: 8787 },
          upstreams: [{ id: 'reseller-a', base_url: 'https://reseller.example', api_key: '********' }],
        },
      },
    ],
  })

export type ConfigurationDto = z.output<typeof ConfigurationDto>

export function toConfigurationDto(view: ConfigurationView): ConfigurationDto {
  return {
    object: 'configuration',
    version: view.version,
    node_version: view.nodeVersion,
    path: view.path,
    loaded_at: toTimestamp(view.loadedAt),
    digest: view.digest,
    settings: view.settings,
  }
}
