import t from 'tap'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { vendorDifferences } from '../../src/gateway/storage/migrations/totals/list-price-triggers.ts'
import { ledgerDifferences } from '../../src/gateway/storage/migrations/totals/totals-triggers.ts'
import { usageProperty } from './usage-property.ts'

usageProperty(t, {
  open: () => openDatabase({ file: ':memory:' }),
  differences: [ledgerDifferences, vendorDifferences],
  numRuns: 60,
})
