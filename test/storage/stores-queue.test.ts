import t from 'tap'
import { storeContracts } from './stores.ts'

storeContracts.queueStores(t, 'in memory', () => ':memory:')
