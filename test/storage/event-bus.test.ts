import t from 'tap'
import { createEventBus } from '../../src/gateway/storage/event-bus.ts'
import { eventBusSuite } from '../contract/event-bus.suite.ts'

t.test('the bus of one process', (t) => eventBusSuite(t, () => createEventBus()))
