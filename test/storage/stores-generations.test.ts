import t from 'tap'
import { embedded, storeContracts } from './stores.ts'

storeContracts.generationStores(
  t,
  'in memory',
  embedded(() => ':memory:'),
)
