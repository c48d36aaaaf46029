import t from 'tap'
import { keyRateContract } from '../contract/key-rate.suite.ts'

t.test('limits of keys, counted in the process', async (t) => {
  keyRateContract(t, async () => [null])
})
