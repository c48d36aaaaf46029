import t from 'tap'
import { embedded, storeContracts } from './stores.ts'

storeContracts.accountStores(
  t,
  'in memory',
  embedded(() => ':memory:'),
)
