import type { Context } from '../../graphql/context.ts'
import type { Resolvers } from '../../graphql/generated.ts'
import { upper } from '../../kit/enums.ts'
import { AppError } from '../../kit/errors.ts'
import { unsafeListMemberships } from '../accounts/accounts.queries.ts'
import { acceptInvitation, getInvitation } from './invitation.service.ts'
import { requestPasswordReset, resetPassword, verifyEmail } from './recovery.service.ts'
import { endSession } from './sessions.service.ts'
import type { SessionRow } from './users.queries.ts'
import { getMe, logIn, signUp, updateProfile, type StartedSession, type Visitor } from './users.service.ts'

export const userResolvers = {
  Query: {
    me: (_, __, context) => getMe(context.deps, context.requireUser()),
    invitation: async (_, { token }, context) => {
      await httpOf(context).request.limit('token')
      return getInvitation(context.deps, token)
    },
  },
  Mutation: {
    signUp: async (_, { input }, context) => {
      await httpOf(context).request.limit('signUp', input.email)
      return start(context, await signUp(context.deps, input, visitorOf(context)))
    },
    logIn: async (_, { input }, context) => {
      const { request } = httpOf(context)
      await request.limit('logIn', input.email)
      const started = await logIn(context.deps, input, visitorOf(context))
      await request.forgive('logIn', input.email)
      return start(context, started)
    },
    logOut: async (_, __, context) => {
      await endSession(context.deps, context.requireUser().sessionId)
      httpOf(context).reply.endSession()
      return true
    },
    requestPasswordReset: async (_, { input }, context) => {
      await httpOf(context).request.limit('passwordReset', input.email)
      return requestPasswordReset(context.deps, input)
    },
    resetPassword: async (_, { input }, context) => {
      await httpOf(context).request.limit('token')
      return start(context, await resetPassword(context.deps, input, visitorOf(context)))
    },
    verifyEmail: async (_, { input }, context) => {
      await httpOf(context).request.limit('token')
      return verifyEmail(context.deps, input, context.signedIn?.userId)
    },
    acceptInvitation: async (_, { input }, context) => {
      await httpOf(context).request.limit('accept', input.token)
      return start(context, await acceptInvitation(context.deps, input, visitorOf(context)))
    },
    updateProfile: (_, { input }, context) => updateProfile(context.deps, context.requireUser(), input),
  },
  User: {
    locale: (user) => user.own?.locale ?? null,
    emailVerified: (user) => user.own?.emailVerified ?? false,
    platformAdministrator: (user) => user.own?.platformAdministrator ?? false,
    memberships: (user, _, context) => (user.own ? unsafeListMemberships(context.deps.system, user.id) : []),
  },
  Membership: { role: ({ role }) => upper(role) },
  InvitationPreview: { role: ({ role }) => upper(role) },
} satisfies Resolvers

function httpOf(context: Context) {
  if (!context.http) throw new AppError('INTERNAL', 'This needs a request of its own')
  return context.http
}

const visitorOf = (context: Context): Visitor => ({ userAgent: httpOf(context).request.headers['user-agent'] })

function start(context: Context, { session, user, account }: StartedSession): SessionRow {
  return { ...httpOf(context).reply.startSession(session), user, account }
}
