import type { Migrations } from './schema-compatibility.ts'
import { createBaseline } from './migrations/baseline.ts'
import { createBreakerCircuits } from './migrations/breaker-circuits.ts'
import { createCommitMarks } from './migrations/commit-marks.ts'
import { countEndedGenerations } from './migrations/generation-counts.ts'
import { createHousekeepingTurns } from './migrations/housekeeping-turns.ts'
import { createLimitTables } from './migrations/limit-tables.ts'
import { countNodes } from './migrations/node-numbers.ts'
import { reserveInPlace } from './migrations/reserved-totals.ts'
import { addSharedDigests, createNodes } from './migrations/node-table.ts'
import { createSchedule } from './migrations/schedule-table.ts'
import { countSharedCopies } from './migrations/shared-copies.ts'
import { countSlotsTaken } from './migrations/slots-taken.ts'

/** In the order of their names. A landed one is never changed. */
export const postgresMigrations: Migrations = {
  '0001_baseline': { up: createBaseline },
  '0002_limits': { up: createLimitTables },
  '0003_shared_copies': { up: countSharedCopies },
  '0004_node_numbers': { up: countNodes },
  '0005_reserved_totals': { up: reserveInPlace },
  '0006_nodes': { up: createNodes },
  '0007_breaker_circuits': { up: createBreakerCircuits },
  '0008_commit_marks': { up: createCommitMarks, oldest: '0007_breaker_circuits' },
  '0009_housekeeping_turns': { up: createHousekeepingTurns, oldest: '0007_breaker_circuits' },
  '0010_shared_digests': { up: addSharedDigests, oldest: '0007_breaker_circuits' },
  '0011_slots_taken': { up: countSlotsTaken, oldest: '0007_breaker_circuits' },
  '0012_schedule': { up: createSchedule, oldest: '0007_breaker_circuits' },
  '0013_generation_counts': { up: countEndedGenerations, oldest: '0007_breaker_circuits' },
}
