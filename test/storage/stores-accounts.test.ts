import t from 'tap'
import { storeContracts } from './stores.ts'

storeContracts.accountStores(t, 'in memory', () => ':memory:')
