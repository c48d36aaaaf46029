import t from 'tap'
import { storeContracts } from './stores.ts'

storeContracts.webhookStores(t, 'in memory', () => ':memory:')
