import t from 'tap'
import { storeContracts } from './stores.ts'

for (const contract of Object.values(storeContracts))
  contract(t, 'in a file', (t) => `${t.testdir()}/data/understudy.db`)
