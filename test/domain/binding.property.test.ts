import * as fc from 'fast-check'
import t from 'tap'
import { aStory, moves, answer } from './binding-story.ts'
import type { Ledger, Move } from './binding-story.ts'

function play(story: ReturnType<typeof aStory>, ledger: Ledger, step: Move): void {
  const before = story.binding
  switch (step.move) {
    case 'wait':
      story.now += step.ms
      return
    case 'claim':
      story.claim(step.claim, step.by)
      return
    case 'left':
      story.tell({ type: 'left' })
      return
    case 'revoke':
      story.tell({ type: 'revoked', handle: 'amber.finch' })
      return
    case 'send':
      story.send(step.claim)
      if (before.step !== 'claimed' || story.binding.step !== 'sent') return
      check(before.claim === step.claim, 'sent without the claim')
      ledger.made += 1
      ledger.isOut = step.claim
      return
    case 'answer':
      answer(story, ledger, step)
  }
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

t.test(
  'whatever happens in whatever order, every character that may exist is named or reported',
  async () => {
    fc.assert(
      fc.property(moves, (steps) => {
        const story = aStory()
        const ledger: Ledger = { made: 0, named: 0, isOut: null }
        story.claim('a')
        for (const step of steps) {
          play(story, ledger, step)
          const { state, step: at, handle, failure, dueAt, orphans } = story.binding
          const open = at === 'sent' || at === 'making' ? 1 : 0
          check(ledger.made - ledger.named <= orphans + open, JSON.stringify({ ...ledger, orphans, open }))
          check((state === 'pending') === (at !== null && dueAt !== null), 'pending and not at any step')
          check((state === 'failed') === (failure !== null), 'failed without a reason')
          check(state !== 'ready' || handle !== null, 'ready without a handle')
        }
      }),
      { numRuns: 3000 },
    )
  },
)
