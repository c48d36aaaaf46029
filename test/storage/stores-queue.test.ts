import t from 'tap'
import { embedded, storeContracts } from './stores.ts'

storeContracts.queueStores(
  t,
  'in memory',
  embedded(() => ':memory:'),
)
