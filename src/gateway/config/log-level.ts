/** The levels of pino, from the most that is logged to nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type ConfiguredLogLevel = (typeof logLevels)[number]
