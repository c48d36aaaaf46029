import type { FaultInput } from '../../../src/simulator/faults/fault.ts'

export interface RelayCase {
  name: string
  /** The model that the caller asks for; it says which way the create goes. */
  model: string
  /** Of the simulated vendor, once each. */
  faults: FaultInput[]
  /** How the work ends for the caller, and which of the two vendors rendered. */
  status: 'completed' | 'failed'
  renders: readonly ('vendor' | 'spare')[]
}

const once = { times: 1 } as const
/** After the vendor took the job. */
const taken = { accepted: true, ...once } as const

/** The gateway in front of LiteLLM: whatever is lost between them, a job is never bought again. */
export const behindTheGateway: readonly RelayCase[] = [
  { name: 'no fault', model: 'sora-2', faults: [], status: 'completed', renders: ['vendor'] },
  failsAs('500 accepted', { kind: 'server_error', ...taken }),
  failsAs('502 page accepted', { kind: 'server_error', status: 502, body: 'html', ...taken }),
  failsAs('reset accepted', { kind: 'reset', ...taken }),
  failsAs('no id', { kind: 'no_id', ...once }),
  failsAs('html 200 accepted', { kind: 'html', ...taken }),
  failsAs('cut JSON accepted', { kind: 'odd_body', body: 'cut', on: ['create'], ...taken }),
  failsAs('slow beyond its timeout', { kind: 'slow', delayMs: 3000, on: ['create'], ...once }, 'impatient'),
  failsAs('hangs accepted, beyond its timeout', { kind: 'hang', ...taken }, 'impatient'),
  { name: 'refused', model: 'sora-2', faults: [{ kind: 'refused', ...once }], status: 'failed', renders: [] },
  goesOn('overloaded', 'sora-2', { kind: 'overloaded', ...once }),
  goesOn('out of credit', 'sora-2', { kind: 'billing', ...once }),
  goesOn('its vendor cannot be reached', 'dead'),
  goesOn('its model is unknown', 'nowhere'),
  {
    name: 'a poll that fails',
    model: 'sora-2',
    faults: [{ kind: 'server_error', on: ['poll'], times: 2 }],
    status: 'completed',
    renders: ['vendor'],
  },
  {
    name: 'refused after acceptance',
    model: 'sora-2',
    faults: [{ kind: 'refused_late', ...once }],
    status: 'failed',
    renders: ['vendor'],
  },
]

/** The same with a fallback of the proxy's own, to a server that cannot be reached. */
export const withItsFallback: readonly RelayCase[] = [
  failsAs('500 accepted, its fallback unreachable', { kind: 'server_error', ...taken }, 'falls'),
]

/** LiteLLM in front of the gateway, which finds a lost job of this vendor in its list. */
export const inFront: readonly RelayCase[] = [
  { name: 'no fault', model: 'gateway', faults: [], status: 'completed', renders: ['vendor'] },
  found('500 accepted', { kind: 'server_error', ...taken }),
  found('reset accepted', { kind: 'reset', ...taken }),
  found('no id', { kind: 'no_id', ...once }),
  {
    name: 'refused',
    model: 'gateway',
    faults: [{ kind: 'refused', ...once }],
    status: 'failed',
    renders: [],
  },
  {
    name: 'overloaded',
    model: 'gateway',
    faults: [{ kind: 'overloaded', ...once }],
    status: 'completed',
    renders: ['spare'],
  },
]

function failsAs(name: string, fault: FaultInput, model = 'sora-2'): RelayCase {
  return { name, model, faults: [fault], status: 'failed', renders: ['vendor'] }
}

function goesOn(name: string, model: string, ...faults: FaultInput[]): RelayCase {
  return { name, model, faults, status: 'completed', renders: ['spare'] }
}

function found(name: string, fault: FaultInput): RelayCase {
  return { name, model: 'gateway', faults: [fault], status: 'completed', renders: ['vendor'] }
}
