import t from 'tap'
import { embedded, storeContracts } from './stores.ts'

storeContracts.characterStores(
  t,
  'in memory',
  embedded(() => ':memory:'),
)
