import { useQuery } from '@tanstack/react-query'
import { useFormat } from '../../format/use-format.ts'
import { Loaded } from '../../ui/panel.tsx'
import { Pill } from '../../ui/pill.tsx'
import { useWords } from '../../words/language.tsx'
import { Part } from './part.tsx'
import { nodesQuery } from './queries.ts'
import type { Node } from './queries.ts'
import { settingsWords } from './words.ts'

/** The processes that share the database, and what to do where they do not fit together. */
export function Nodes() {
  const t = useWords(settingsWords)
  const query = useQuery(nodesQuery)
  const seen = (query.data?.data ?? []).filter(({ silent }) => !silent)
  return (
    <Part title={t('nodes_title')} detail={t('nodes_detail')}>
      {seen.some((node) => node.configuration_differs) && <p className="notice">{t('apart_detail')}</p>}
      {seen.some((node) => node.clock_skewed) && <p className="notice">{t('skewed_detail')}</p>}
      <div className="panel panel-flush">
        <Loaded query={query} bones={2}>
          {({ data }) => <NodeTable nodes={data} />}
        </Loaded>
      </div>
    </Part>
  )
}

function NodeTable({ nodes }: { nodes: Node[] }) {
  const t = useWords(settingsWords)
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label={t('nodes_title')}>
      <table className="table settings-table">
        <thead>
          <tr>
            <th scope="col">{t('node_name')}</th>
            <th scope="col">{t('role')}</th>
            <th scope="col">{t('version')}</th>
            <th scope="col">{t('digest')}</th>
            <th scope="col">{t('started_at')}</th>
            <th scope="col">{t('seen_at')}</th>
            <th scope="col">{t('node_state')}</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <NodeRow key={node.id} node={node} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function NodeRow({ node }: { node: Node }) {
  const t = useWords(settingsWords)
  const format = useFormat()
  return (
    <tr>
      <td>
        <span className="mono">{node.address ?? node.id}</span>
        {node.self && <span className="settings-here">{t('this_node')}</span>}
        {node.address !== null && (
          <span className="settings-agent small mute mono" title={node.id}>
            {node.id}
          </span>
        )}
      </td>
      <td>{t(`role_${node.role}`)}</td>
      <td>{node.version}</td>
      <td className="mono">{node.configuration_digest}</td>
      <td>{format.instant(node.started_at)}</td>
      <td>{format.instant(node.seen_at)}</td>
      <td>
        <NodeState node={node} />
      </td>
    </tr>
  )
}

function NodeState({ node }: { node: Node }) {
  const t = useWords(settingsWords)
  if (node.silent) return <Pill glyph="dash" tone="off" text={t('node_silent')} />
  if (node.configuration_differs) return <Pill glyph="exclamation" tone="warn" text={t('node_apart')} />
  if (node.clock_skewed)
    return (
      <Pill glyph="exclamation" tone="warn" text={t('node_skewed', { seconds: node.clock_skew_seconds })} />
    )
  return <Pill glyph="tick" tone="ok" text={t('node_seen')} />
}
