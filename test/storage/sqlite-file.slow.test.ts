import t from 'tap'
import { embedded, storeContracts } from './stores.ts'

for (const contract of Object.values(storeContracts))
  contract(
    t,
    'in a file',
    embedded((t) => `${t.testdir()}/data/understudy.db`),
  )
