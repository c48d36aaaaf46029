/** Kills the gateway between the creation of a character and storing it, and reports the results. Exits 1 on any violation. */
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { killWhileBinding } from './character-kills.ts'

const { values } = parseArgs({ options: { kills: { type: 'string', default: '200' } } })
const kills = z.coerce.number().int().positive().parse(values.kills)
const count = await killWhileBinding(kills, (text) => void process.stderr.write(`${text}\n`))
const { made, named, orphans, violations } = count
const lines = [
  `${count.kills} kills`,
  `${made} characters made at the vendor, ${named} of them named by a binding`,
  `${orphans} orphans reported; a kill before the call is sent counts too, because nobody can know`,
  violations.length === 0 ? 'no violation' : violations.join('\n'),
]
process.stdout.write(`${lines.join('\n')}\n`)
process.exit(violations.length === 0 ? 0 : 1)
