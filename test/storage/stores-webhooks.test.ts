import t from 'tap'
import { embedded, storeContracts } from './stores.ts'

storeContracts.webhookStores(
  t,
  'in memory',
  embedded(() => ':memory:'),
)
