import t from 'tap'
import { storeContracts } from './stores.ts'

storeContracts.characterStores(t, 'in memory', () => ':memory:')
