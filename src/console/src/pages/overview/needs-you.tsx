import { Bones, Failure } from '../../ui/panel.tsx'
import { Glyph } from '../../ui/glyphs.tsx'
import { useWords } from '../../words/language.tsx'
import { DeskLineRow, keyOf } from './line.tsx'
import { useDesk } from './use-desk.ts'
import { overviewWords } from './words.ts'

/** What needs a person, the most urgent first. */
export function NeedsYou() {
  const t = useWords(overviewWords)
  const { lines, errors, retry } = useDesk()
  const [error] = errors
  return (
    <section className="panel panel-flush" aria-labelledby="needs-title">
      <h2 id="needs-title" className="panel-title">
        {t('needs_title')}
      </h2>
      {error !== undefined && <Failure error={error} retry={retry} />}
      {lines === null && error === undefined && <Bones lines={2} />}
      {lines !== null && lines.length === 0 && error === undefined && (
        <div className="desk-nothing">
          <p className="row tone-ok">
            <Glyph name="tick" />
            <strong>{t('nothing')}</strong>
          </p>
          <p className="small mute">{t('nothing_more')}</p>
        </div>
      )}
      {lines !== null && lines.length > 0 && (
        <ul className="desk-lines">
          {lines.map((line) => (
            <DeskLineRow key={keyOf(line)} line={line} />
          ))}
        </ul>
      )}
    </section>
  )
}
