import { useQuery } from '@tanstack/react-query'
import { useFormat } from '../../format/use-format.ts'
import { settingsText } from '../../rules/settings-text.ts'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { Part } from './part.tsx'
import { configurationQuery } from './queries.ts'
import type { Configuration } from './queries.ts'
import { settingsWords } from './words.ts'

/** What the gateway runs with, one fold per section of the file. */
export function ConfigurationPart() {
  const t = useWords(settingsWords)
  const query = useQuery(configurationQuery)
  return (
    <Part title={t('configuration_title')} detail={t('configuration_detail')}>
      <Loaded query={query} bones={6}>
        {(configuration) => (
          <>
            <Facts of={configuration} />
            <div className="panel panel-flush">
              {Object.entries(configuration.settings).map(([name, value]) => (
                <details key={name} className="settings-fold">
                  <summary className="mono">{name}</summary>
                  <pre className="mono" tabIndex={0} role="group" aria-label={name}>
                    {settingsText(value)}
                  </pre>
                </details>
              ))}
            </div>
          </>
        )}
      </Loaded>
    </Part>
  )
}

function Facts({ of }: { of: Configuration }) {
  const t = useWords(settingsWords)
  const format = useFormat()
  return (
    <dl className="panel facts settings-facts">
      <dt>{t('version')}</dt>
      <dd>{of.version}</dd>
      <dt>{t('node')}</dt>
      <dd>{of.node_version}</dd>
      <dt>{t('file')}</dt>
      <dd className={of.path === null ? undefined : 'mono'}>{of.path ?? t('no_file')}</dd>
      <dt>{t('loaded_at')}</dt>
      <dd>{format.instant(of.loaded_at)}</dd>
      <dt>{t('digest')}</dt>
      <dd className="mono">{of.digest}</dd>
    </dl>
  )
}
