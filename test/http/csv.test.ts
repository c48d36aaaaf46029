import t from 'tap'
import { csvLine } from '../../src/gateway/http/answers/csv.ts'
import type { Cell } from '../../src/gateway/http/answers/csv.ts'

t.test('a line of CSV is one record, and its text is never a formula', async (t) => {
  const table: Array<[cell: Cell, written: string]> = [
    ['plain', 'plain'],
    [null, ''],
    ['', ''],
    [true, 'true'],
    [-1.5, '-1.5'],
    ['a,b', '"a,b"'],
    ['say "a"', '"say ""a"""'],
    ['a\r\nb', '"a\r\nb"'],
    ['a\nb', '"a\nb"'],
    ['a\rb', '"a\rb"'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@a', "'@a"],
    ['＝1', "'＝1"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['\n=1', '"\'\n=1"'],
  ]
  for (const [cell, written] of table) {
    t.equal(csvLine([cell, 'end']), `${written},end\r\n`, JSON.stringify(cell))
  }
})
