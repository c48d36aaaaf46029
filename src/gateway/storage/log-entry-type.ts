import { tellableEvents } from '../domain/webhooks/delivery.ts'
import { logEntryTypes } from '../domain/generation/generation.ts'
import { storedWord } from './stored-word.ts'

export const logEntryType = storedWord(logEntryTypes)
export const webhookEvent = storedWord(tellableEvents)
