import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { AuthorizeRequest } from './authorize.ts'
import { AuthorizeRefusal, decide, parseAuthorize, refusedScope } from './authorize.ts'
import type { TikTokContext } from './context.ts'
import { UnknownObject } from '../unknown-object.ts'

type Json = Record<string, unknown>

const layout = (title: string, body: Html): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/standin/page/style.css" />
      </head>
      <body class="authorize">
        <main>${body}</main>
      </body>
    </html>`.text

const refusalPage = (reason: string): string =>
  layout(
    'Something went wrong',
    html`<h1>Something went wrong</h1>
      <p>We couldn't log in with TikTok. This may be due to specific app settings.</p>
      <p>If you're a developer, correct the following and try again: <code>${reason}</code></p>`,
  )

function consentPage(ctx: TikTokContext, request: AuthorizeRequest, query: Json): string {
  const businesses = [...ctx.world.businesses.values()]
  const hidden = Object.entries(query).filter(([name, value]) => name !== 'scope' && typeof value === 'string')
  const accounts = businesses.map(
    ({ openId, username, displayName }, index) =>
      html`<label class="choice">
        <input type="radio" name="business" value="${openId}" ${index === 0 ? html`checked` : ''} required />
        <span><strong>${displayName}</strong> <span class="quiet">@${username}</span></span>
      </label>`,
  )
  const ticks = request.scopes.map(
    (scope) =>
      html`<label class="choice">
        <input type="checkbox" name="granted" value="${scope}" checked /> <span>${scope}</span>
      </label>`,
  )
  return layout(
    'Log in with TikTok (stand-in)',
    html`<h1>Allow access to your TikTok account?</h1>
      <p class="quiet">Stand-in for TikTok. Nothing here leaves this machine.</p>
      <form method="post" action="/v2/auth/authorize/decision">
        ${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${String(value)}" />`)}
        <input type="hidden" name="scope" value="${request.scopes.join(',')}" />
        <fieldset>
          <legend>Account</legend>
          ${accounts.length > 0 ? accounts : html`<p>No business account exists yet.</p>`}
        </fieldset>
        <fieldset>
          <legend>This app may</legend>
          ${ticks}
        </fieldset>
        <div class="actions">
          <button class="primary" name="decision" value="approve">Approve</button>
          <button name="decision" value="deny" formnovalidate>Deny</button>
          <button name="decision" value="invalid_scope" formnovalidate>Answer invalid_scope</button>
        </div>
      </form>`,
  )
}

function show(ctx: TikTokContext, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const query = request.query as Json
  const asked = parseAuthorize(ctx, query)
  const { auto, business } = query
  if (auto === 'approve' || auto === 'deny') {
    return reply.redirect(decide(ctx, asked, { decision: auto, business: business as string | undefined }))
  }
  if (refusedScope(ctx, asked) !== undefined) return reply.redirect(decide(ctx, asked, { decision: 'invalid_scope' }))
  // Without disable_auto_auth a browser that is already authorised is bounced straight back (§2.1).
  const known = asked.skipAutoAuth
    ? undefined
    : [...ctx.world.businesses.keys()].find((id) => ctx.tokens.hasLiveGrant(id))
  if (known !== undefined) return reply.redirect(decide(ctx, asked, { decision: 'approve', business: known }))
  return reply.type('text/html; charset=utf-8').send(consentPage(ctx, asked, query))
}

function submit(ctx: TikTokContext, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const form = new URLSearchParams(String(request.body))
  const asked = parseAuthorize(ctx, Object.fromEntries(form))
  const decision = form.get('decision')
  const to = decide(ctx, asked, {
    decision: decision === 'approve' || decision === 'invalid_scope' ? decision : 'deny',
    business: form.get('business') ?? undefined,
    scopes: form.getAll('granted'),
  })
  return reply.redirect(to, 303)
}

/** TikTok's authorize page; it works with and without the trailing slash (§2.1). */
export function mountAuthorize(app: FastifyInstance, ctx: TikTokContext): void {
  const guarded =
    (serve: typeof show) =>
    (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
      try {
        return serve(ctx, request, reply)
      } catch (error) {
        if (!(error instanceof AuthorizeRefusal || error instanceof UnknownObject)) throw error
        return reply.code(400).type('text/html; charset=utf-8').send(refusalPage(error.message))
      }
    }
  app.get('/v2/auth/authorize', guarded(show))
  app.get('/v2/auth/authorize/', guarded(show))
  app.post('/v2/auth/authorize/decision', guarded(submit))
}
