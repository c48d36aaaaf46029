/**
 * Pieces of files that are taken up between two looks at the sockets: 64 KiB each, half a millisecond with decoding, hashing
 * and parsing. Without this bound sixty uploads at once make every other call wait for sixty pieces several times over.
 */
const perRound = 2

const waiting: (() => void)[] = []
let isRunning = false

function round(): void {
  for (const begin of waiting.splice(0, perRound)) begin()
  isRunning = waiting.length > 0
  if (isRunning) setImmediate(round)
}

/** One for all uploads of the process, because they share its event loop. Each has one piece waiting at most. */
async function turn(): Promise<void> {
  await new Promise<void>((begin) => {
    waiting.push(begin)
    if (!isRunning) setImmediate(round)
    isRunning = true
  })
}

/** The same pieces, each when it is its turn. */
export async function* inTurn(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    await turn()
    yield piece
  }
}
