import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, type ExecutionResult, type GraphQLSchema, type ValidationRule } from 'graphql'
import mercurius from 'mercurius'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { Documents, type Checked } from '../graphql/documents.ts'
import { LIMITS, validationRules } from '../graphql/limits.ts'
import { typeDefs } from '../graphql/type-defs.generated.ts'
import { AppError, publicError } from '../kit/errors.ts'
import { resolvers } from '../modules/resolvers.ts'
import type { Caller } from '../modules/users/caller.queries.ts'
import { createHttpContext, findCaller } from './graphql-context.ts'

const requestBody = z.object({
  query: z.string().max(LIMITS.characters),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().max(200).nullish(),
})

/**
 * `POST /graphql`: Mercurius executes (compiled after the first run), the limits around it are ours. Every error leaves
 * with a code of kit/errors and without a stack, a statement or a secret.
 */
export async function registerGraphql(
  app: FastifyInstance,
  deps: Deps,
): Promise<{ schema: GraphQLSchema; rules: ValidationRule[] }> {
  const rules = validationRules({ introspection: deps.config.nodeEnv !== 'production' })
  await app.register(mercurius, {
    schema: typeDefs,
    resolvers: resolvers as never,
    jit: 1,
    routes: false,
    graphiql: false,
    subscription: false,
    validationRules: rules,
    // Its own one turns errors into plain objects, and with them ours lose their codes; formatResult has them whole.
    errorFormatter: ({ data, errors }) => ({ statusCode: 200, response: { data: data ?? null, errors: errors ?? [] } }),
  })
  const { schema } = app.graphql
  const documents = new Documents(schema, rules)
  app.post('/graphql', (request, reply) => answer(deps, documents, request, reply))
  return { schema, rules }
}

async function answer(deps: Deps, documents: Documents, request: FastifyRequest, reply: FastifyReply) {
  void reply.header('cache-control', 'no-store')
  const body = requestBody.safeParse(request.body)
  if (!body.success) {
    return reply.code(400).send({ errors: [formatError(new AppError('INVALID', 'Send { query, variables }'))] })
  }
  try {
    const variables = body.data.variables ?? {}
    return await execute(deps, documents, { ...body.data, variables }, { request, reply })
  } catch (error) {
    // What a resolver refuses stands in the result; this was refused before anything was executed.
    if (!(error instanceof AppError) || error.code !== 'RATE_LIMITED') throw error
    return reply.code(error.httpStatus).send({ errors: [formatError(error)] })
  }
}

interface Operation {
  query: string
  variables: Record<string, unknown>
  operationName?: string | null | undefined
}

async function execute(
  deps: Deps,
  documents: Documents,
  { query, variables, operationName }: Operation,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
) {
  const checked = await documents.check(query, variables, (selections) => request.limit('newDocument', '', selections))
  if (checked.errors.length) return reply.code(400).send({ errors: checked.errors.map(formatInvalid) })
  const caller = await findCaller(deps, request)
  await charge(request, caller, checked)
  const { context, close } = createHttpContext(deps, caller, { request, reply })
  try {
    const result: ExecutionResult = await reply.graphql(query, context as never, variables, operationName ?? undefined)
    return await reply.send(formatResult(deps, result))
  } catch (error) {
    return await reply.code(400).send({ errors: errorsOf(error).map(formatInvalid) })
  } finally {
    await close()
  }
}

/** Counts a document against whoever sends it. */
async function charge(request: FastifyRequest, caller: Caller | undefined, { cost, uses }: Checked): Promise<void> {
  if (!caller) return request.limit('anonymousDocument', '', cost)
  const { userId } = caller.signedIn
  await request.limit('document', userId, cost)
  for (const { what, count } of uses) await request.limit(what, userId, count)
}

const errorsOf = (error: unknown): readonly GraphQLError[] => {
  const { errors } = error as { errors?: readonly GraphQLError[] }
  return errors?.length
    ? errors
    : [error instanceof GraphQLError ? error : new GraphQLError('The request is not valid')]
}

/** The document or its variables are at fault: GraphQL's own words are safe to show. */
const formatInvalid = (error: GraphQLError) => ({
  message: error.message,
  ...(error.locations ? { locations: error.locations } : {}),
  extensions: { code: 'INVALID' },
})

export const formatError = (error: AppError, path?: readonly (string | number)[]) => ({
  message: error.message,
  ...(path ? { path } : {}),
  extensions: { code: error.code, ...(error.details ? { details: error.details } : {}) },
})

function formatResult(deps: Deps, result: ExecutionResult) {
  if (!result.errors?.length) return result
  const errors = result.errors.map((error) => {
    const { path, originalError } = error
    // Without a place in the answer nothing was executed: the variables are at fault.
    if (!originalError && !path) return formatInvalid(error)
    const cause = originalError ?? error
    const shown = publicError(cause)
    if (shown.code === 'INTERNAL')
      deps.log.error({ err: cause, path: path?.join('.'), ...shown.details }, 'a resolver failed')
    return formatError(shown, path)
  })
  return { data: result.data ?? null, errors }
}
