import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './query-client.ts'
import { router } from './router.tsx'
import { startSession } from './session/session.ts'
import { applyTheme, followTheme } from './shell/theme.ts'
import './styles/console.css'
import { LanguageProvider } from './words/language.tsx'

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no #root.')

applyTheme()
followTheme()
void startSession()
createRoot(root).render(
  <StrictMode>
    <LanguageProvider>
      <QueryClientProvider client={queryClient}>
        <Suspense fallback={null}>
          <RouterProvider router={router} />
        </Suspense>
      </QueryClientProvider>
    </LanguageProvider>
  </StrictMode>,
)
