import t from 'tap'
import { storesContract } from './stores.ts'

storesContract(t, 'in a file', (t) => `${t.testdir()}/data/understudy.db`)
