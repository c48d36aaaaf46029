import t from 'tap'
import { createPromptMask } from '../../src/gateway/domain/steering/prompt-mask.ts'

const prompt = 'A "paper" boat\nin Zürich – 10 lanterns, no wind'

/** The text inside so many strings of JSON. */
function nested(text: string, depth: number): string {
  let json = text
  for (let level = 0; level < depth; level++) json = JSON.stringify({ text: json })
  return json
}

t.test('a prompt is found in whatever form it stands', async (t) => {
  const mask = createPromptMask([prompt])
  const ascii = JSON.stringify(prompt).replaceAll(/[^\x20-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  for (const [name, text] of Object.entries({
    plain: prompt,
    'in JSON': nested(prompt, 1),
    'in JSON in JSON in JSON': nested(prompt, 4),
    'ASCII JSON': ascii,
    'ASCII JSON in JSON': nested(ascii, 2),
    percent: encodeURIComponent(prompt),
    form: String(new URLSearchParams({ prompt })),
    HTML: prompt.replaceAll('"', '&quot;'),
    'one line': prompt.replaceAll(/\s+/g, ' '),
    'another case': prompt.toUpperCase(),
    'decomposed letters': prompt.normalize('NFKC'),
    'its beginning': `${prompt.slice(0, 25)}…`,
    'its end': prompt.slice(-20),
  })) {
    const clean = mask(`status before, ${text}; code=after`)
    for (const word of [/paper/i, /boat/i, /lanterns/i]) t.notMatch(clean, word, `${name}: ${clean}`)
    t.match(clean, /^status before, .*\[prompt\].*; code=after$/s, name)
  }
})

t.test('the rest stays as it is', async (t) => {
  const mask = createPromptMask([prompt])
  for (const text of [
    '{"id":"task_1","status":"processing","progress":50}',
    'a boat',
    '',
    'paper',
    '100% of 5 \\u00e9 %zz',
  ])
    t.equal(mask(text), text)
})

t.test('short prompts are found as a whole, and very short ones are no part of other words', async (t) => {
  t.equal(createPromptMask(['rain'])('{"prompt":"rain","id":"1"}'), '{"prompt":"[prompt]","id":"1"}')
  t.equal(
    createPromptMask(['a'])('{"prompt":"a","status":"failed"}'),
    '{"prompt":"[prompt]","status":"failed"}',
  )
  const mask = createPromptMask(['雨中的纸船和十盏灯笼'])
  t.equal(mask('{"message":"提示词“雨中的纸船和十”不合规"}'), '{"message":"提示词“[prompt]”不合规"}')
  t.notMatch(
    mask(
      JSON.stringify('雨中的纸船和十盏灯笼').replaceAll(
        /[^\x20-\x7e]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
      ),
    ),
    '\\u',
  )
})
