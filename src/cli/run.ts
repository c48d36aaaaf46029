import type { Api } from './gateway/api.ts'
import type { ExitCode } from './output/terminal.ts'

/** Runs a command against the gateway that is logged in to. */
export type Run = (work: (api: Api) => Promise<ExitCode>) => Promise<void>
