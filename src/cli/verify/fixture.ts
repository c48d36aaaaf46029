import type { Clip } from './shortest-clip.ts'
import type { Exchange } from './shapes.ts'

interface Answer {
  status: number
  headers?: Record<string, string>
  body: unknown
}

/** A fixture of `--try-dialect`: the request, and what the upstream answered to it. */
export interface Fixture {
  request: { prompt: string; duration: number; size?: string }
  answers: { create: Answer[]; poll: Answer[]; result: Answer[] }
}

/**
 * The exchanges of one attempt as a fixture. Secrets were removed by the gateway; the queries of addresses are removed here,
 * because they may be signed. A call with another path than the first poll asks for the result, or asks elsewhere.
 */
export function fixtureOf(prompt: string, { duration, size }: Clip, exchanges: readonly Exchange[]): Fixture {
  const answered = exchanges.filter(({ ending }) => ending === 'answered')
  const polls = answered.filter(({ operation }) => operation === 'poll')
  const isFirst = ({ path }: Exchange) => path === polls[0]?.path
  return {
    request: { prompt, duration, ...(size !== null && { size }) },
    answers: {
      create: answered.filter(({ operation }) => operation === 'create').map(answerOf),
      poll: polls.filter(isFirst).map(answerOf),
      result: polls.filter((each) => !isFirst(each)).map(answerOf),
    },
  }
}

function answerOf({ status, headers, body }: Exchange): Answer {
  return {
    status: status ?? 200,
    ...(Object.keys(headers).length > 0 && { headers }),
    body: valueOf(withoutQueries(body ?? '')),
  }
}

function withoutQueries(text: string): string {
  return text.replaceAll(/(https?:\/\/[^\s"'\\?#]+)[?#][^\s"'\\]*/g, '$1')
}

/** JSON where it is some; otherwise the text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
