import { digestOf } from '../config/digest.ts'
import { version } from '../process/version.ts'
import type { ShowConfiguration } from '../services/operations/configuration.ts'
import type { InForce } from './reload.ts'

export function createShowConfiguration(state: InForce): ShowConfiguration {
  return () => {
    const { config, shown = {}, fileName = null } = state.current
    return {
      version,
      nodeVersion: process.versions.node,
      path: fileName,
      loadedAt: state.loadedAt,
      digest: digestOf(config),
      settings: shown,
    }
  }
}
