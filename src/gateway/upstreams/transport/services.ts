import type { Transport } from './transport.ts'

/** An upstream whose protocol has further hosts: each call goes to the one that it names. Files come from the upstream itself. */
export function withServices(own: Transport, services: ReadonlyMap<string, Transport>): Transport {
  if (services.size === 0) return own
  return {
    async send(call, deadlineMs) {
      const transport = call.service === undefined ? own : services.get(call.service)
      if (transport === undefined) throw new Error(`The dialect has no service "${call.service}".`)
      return transport.send(call, deadlineMs)
    },
    download: (target) => own.download(target),
    async close() {
      await Promise.all([own, ...services.values()].map((transport) => transport.close()))
    },
  }
}
