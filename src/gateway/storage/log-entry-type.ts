import { tellableEvents } from '../domain/webhooks/webhook-event.ts'
import { logEntryTypes } from '../domain/generation/history.ts'
import { storedWord } from './stored-word.ts'

export const logEntryType = storedWord(logEntryTypes)
export const webhookEvent = storedWord(tellableEvents)

/** The columns that are read from a log, of a generation or a series. */
export const logColumns = ['seq', 'type', 'at', 'data'] as const
