import { useCan } from '../../session/use-can.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { Forbidden } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { Appearance } from './appearance.tsx'
import { ConfigurationPart } from './configuration.tsx'
import { Nodes } from './nodes.tsx'
import { Sessions } from './sessions.tsx'
import { WebhookSecrets } from './webhook-secrets.tsx'
import './settings.css'

/** What concerns this browser, who is signed in, how webhooks are signed, which nodes there are, and what the gateway runs with. */
export function Settings() {
  const core = useWords(coreWords)
  const isAdmin = useCan('admin')
  const mayRead = useCan('generate', 'read')
  const oversees = useCan('admin', 'observe', 'operate')
  return (
    <>
      <PageHead title={core('settings')} />
      <div className="settings">
        <Appearance />
        <Sessions />
        {mayRead && <WebhookSecrets />}
        {oversees && <Nodes />}
        {isAdmin ? <ConfigurationPart /> : <Forbidden scope="admin" />}
      </div>
    </>
  )
}
