import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { parseAuditSearch } from './pages/audit/search.ts'
import { parseCharactersSearch, parseNewCharacterSearch } from './pages/characters/search.ts'
import { parseGenerationsSearch } from './pages/generations/search.ts'
import { parseMoneySearch } from './pages/money/search.ts'
import { parseComparisonSearch, parseNewComparisonSearch } from './pages/compare/search.ts'
import { parseStudioSearch } from './pages/studio/search.ts'
import { NotFound } from './shell/not-found.tsx'
import { Shell } from './shell/shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })
const under = { getParentRoute: () => root } as const

/** One screen each, in a chunk of its own. What can be filtered is in the address, parsed by the screen's `search.ts`. */
const routes = [
  createRoute({
    ...under,
    path: '/',
    component: lazyRouteComponent(() => import('./pages/overview/overview.tsx'), 'Overview'),
  }),
  createRoute({
    ...under,
    path: '/studio',
    validateSearch: parseStudioSearch,
    component: lazyRouteComponent(() => import('./pages/studio/studio.tsx'), 'Studio'),
  }),
  createRoute({
    ...under,
    path: '/generations',
    validateSearch: parseGenerationsSearch,
    component: lazyRouteComponent(() => import('./pages/generations/generations.tsx'), 'Generations'),
  }),
  createRoute({
    ...under,
    path: '/generations/$id',
    component: lazyRouteComponent(() => import('./pages/generation/generation.tsx'), 'Generation'),
  }),
  createRoute({
    ...under,
    path: '/characters',
    validateSearch: parseCharactersSearch,
    component: lazyRouteComponent(() => import('./pages/characters/characters.tsx'), 'Characters'),
  }),
  createRoute({
    ...under,
    path: '/characters/new',
    validateSearch: parseNewCharacterSearch,
    component: lazyRouteComponent(() => import('./pages/characters/new-character.tsx'), 'NewCharacter'),
  }),
  createRoute({
    ...under,
    path: '/characters/$id',
    component: lazyRouteComponent(() => import('./pages/characters/character.tsx'), 'Character'),
  }),
  createRoute({
    ...under,
    path: '/compare',
    component: lazyRouteComponent(() => import('./pages/compare/comparisons.tsx'), 'Comparisons'),
  }),
  createRoute({
    ...under,
    path: '/compare/new',
    validateSearch: parseNewComparisonSearch,
    component: lazyRouteComponent(() => import('./pages/compare/new-comparison.tsx'), 'NewComparison'),
  }),
  createRoute({
    ...under,
    path: '/compare/$id',
    validateSearch: parseComparisonSearch,
    component: lazyRouteComponent(() => import('./pages/compare/comparison.tsx'), 'Comparison'),
  }),
  createRoute({
    ...under,
    path: '/upstreams',
    component: lazyRouteComponent(() => import('./pages/upstreams/upstreams.tsx'), 'Upstreams'),
  }),
  createRoute({
    ...under,
    path: '/upstreams/$id',
    component: lazyRouteComponent(() => import('./pages/upstreams/upstream.tsx'), 'Upstream'),
  }),
  createRoute({
    ...under,
    path: '/money',
    validateSearch: parseMoneySearch,
    component: lazyRouteComponent(() => import('./pages/money/money.tsx'), 'Money'),
  }),
  createRoute({
    ...under,
    path: '/keys',
    component: lazyRouteComponent(() => import('./pages/keys/keys.tsx'), 'Keys'),
  }),
  createRoute({
    ...under,
    path: '/audit',
    validateSearch: parseAuditSearch,
    component: lazyRouteComponent(() => import('./pages/audit/audit.tsx'), 'Audit'),
  }),
  createRoute({
    ...under,
    path: '/settings',
    component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'Settings'),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: '/console',
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
