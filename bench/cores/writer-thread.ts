/** The thread that owns a SQLite file: it inserts what its parent asks for. */
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { createAnsweringSide } from './insert-channel.ts'

const store = createGenerationStore(await openDatabase({ file: z.string().parse(workerData) }))
const answer = createAnsweringSide(store, (text) => parentPort?.postMessage(text, []))
parentPort?.on('message', (text) => answer(z.string().parse(text)))
parentPort?.postMessage('open', [])
