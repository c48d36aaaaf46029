import { tellableEvents } from '../domain/delivery.ts'
import { logEntryTypes } from '../domain/generation.ts'
import { storedWord } from './stored-word.ts'

export const logEntryType = storedWord(logEntryTypes)
export const webhookEvent = storedWord(tellableEvents)
