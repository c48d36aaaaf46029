import t from 'tap'
import { storeContracts } from './stores.ts'

storeContracts.generationStores(t, 'in memory', () => ':memory:')
