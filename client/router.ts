import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { rememberAccount } from './features/session/home-account.ts'
import { recoverMissingParts } from './kit/missing-part.ts'
import { openSettingsTexts, t } from './locales/i18n.ts'
import { useSession } from './stores/session.ts'
import { useUi } from './stores/ui.ts'

const inAccount: RouteRecordRaw[] = [
  { path: '', redirect: (to) => ({ name: 'folder', params: { accountId: to.params['accountId'], folder: 'all' } }) },
  { path: 'start', name: 'start', component: withSettingsTexts(() => import('./features/onboarding/StartPage.vue')) },
  {
    path: 'conversations/:conversationId',
    redirect: (to) => ({ name: 'folder', params: { ...to.params, folder: 'all' } }),
  },
  {
    path: ':folder(all|mine|unassigned)/:conversationId?',
    name: 'folder',
    component: () => import('./features/conversations/ConversationsPage.vue'),
  },
  {
    path: 'inbox/:inboxId/:conversationId?',
    name: 'inbox',
    component: () => import('./features/conversations/ConversationsPage.vue'),
  },
  {
    path: 'settings',
    component: withSettingsTexts(() => import('./features/accounts/SettingsPage.vue')),
    children: [
      { path: '', name: 'settings', redirect: { name: 'settings-inboxes' } },
      { path: 'inboxes', name: 'settings-inboxes', component: () => import('./features/inboxes/InboxesPage.vue') },
      {
        path: 'inboxes/pending/:pendingId',
        name: 'settings-pending',
        component: () => import('./features/inboxes/PendingConnectionPage.vue'),
      },
      {
        path: 'inboxes/connect/:channelType',
        name: 'settings-connect',
        component: () => import('./features/inboxes/ConnectFormPage.vue'),
      },
      {
        path: 'inboxes/:inboxId/swap',
        name: 'settings-swap',
        component: () => import('./features/inboxes/SwapPage.vue'),
      },
      {
        path: 'inboxes/:inboxId/matches',
        name: 'settings-swap-matches',
        component: () => import('./features/inboxes/SwapMatchesPage.vue'),
      },
      { path: 'inboxes/:inboxId', name: 'settings-inbox', component: () => import('./features/inboxes/InboxPage.vue') },
      { path: 'agents', name: 'settings-agents', component: () => import('./features/accounts/AgentsPage.vue') },
      { path: 'account', name: 'settings-account', component: () => import('./features/accounts/AccountPage.vue') },
      { path: 'api', name: 'settings-tokens', component: () => import('./features/accounts/ApiTokensPage.vue') },
      { path: 'profile', name: 'settings-profile', component: () => import('./features/accounts/ProfilePage.vue') },
    ],
  },
]

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./features/session/HomePage.vue') },
  page('/log-in', 'log-in', () => import('./features/session/LogInPage.vue')),
  { path: '/login', redirect: '/log-in' },
  page('/sign-up', 'sign-up', () => import('./features/session/SignUpPage.vue')),
  { path: '/signup', redirect: '/sign-up' },
  page('/forgot-password', 'forgot-password', () => import('./features/session/PasswordForgottenPage.vue')),
  page('/reset-password', 'reset-password', () => import('./features/session/PasswordResetPage.vue')),
  page('/verify-email', 'verify-email', () => import('./features/session/EmailVerifyPage.vue')),
  page('/invitation', 'invitation', () => import('./features/session/InvitationPage.vue')),
  page(
    '/connect-error',
    'connect-error',
    withSettingsTexts(() => import('./features/inboxes/ConnectErrorPage.vue')),
  ),
  { path: '/a/:accountId', component: () => import('./features/shell/AppShell.vue'), children: inAccount },
  {
    path: '/platform',
    component: withSettingsTexts(() => import('./features/platform/PlatformPage.vue')),
    children: [
      { path: '', name: 'platform', component: () => import('./features/platform/PlatformAccounts.vue') },
      {
        path: 'channels',
        name: 'platform-channels',
        component: () => import('./features/platform/PlatformChannels.vue'),
      },
      { path: 'dead-letters', name: 'dead-letters', component: () => import('./features/platform/DeadLetters.vue') },
    ],
  },
  page('/:rest(.*)*', 'not-found', () => import('./features/session/NotFoundPage.vue')),
]

/** A page, and the sentences that it shares with no conversation. */
function withSettingsTexts<Page>(open: () => Promise<Page>): () => Promise<Page> {
  return async () => (await Promise.all([open(), openSettingsTexts()]))[0]
}

function page(path: string, name: string, component: () => Promise<unknown>): RouteRecordRaw {
  return { path, name, component, meta: { open: true } } as RouteRecordRaw
}

export const router = createRouter({ history: createWebHistory(), routes })

router.beforeEach(async (to) => {
  const session = useSession()
  await session.start({ needed: !to.meta['open'] && to.name !== 'home' })
  if (to.meta['open'] || session.phase === 'unreachable') return true
  if (session.phase !== 'active') return { name: 'log-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (to.params['accountId']) rememberAccount(String(to.params['accountId']))
  return true
})

recoverMissingParts(router, (code) => useUi().toast(t(`errors.${code}`), { tone: 'bad' }))
