import { describe, expect, it } from 'vitest'
import { Actor } from '../support/actor.ts'
import { InviteMemberDocument } from '../support/generated.ts'
import { listMails } from '../support/mails.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { composer, message, reply, replyWindow, row, seen, tick } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()
const NEW_PASSWORD = 'a longer way to say open sesame'

/** The link to this page in the newest mail that has one. */
function linkIn(to: string, page: string): Promise<string> {
  const pattern = new RegExp(`${stage.world.url}(/${page}\\?token=\\S+)`)
  return until(async () => {
    const mails = await listMails(stage.world.deps.config.dataDir)
    return mails
      .filter((mail) => mail.to.includes(to))
      .flatMap(({ text }) => pattern.exec(text)?.[1] ?? [])
      .at(-1)
  }, `a mail to ${to} leads to ${page}`)
}

async function logIn({ page }: Tab, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

describe('the way in', () => {
  it('leads through the mail for who forgot the password; the old one and the link are spent afterwards', async () => {
    const admin = await stage.world.business('Baan Beauty')
    const tab = await stage.open()
    const { page } = tab
    await logIn(tab, admin.email, 'something else entirely')
    await seen(page.getByText('E-mail or password is not right.'))
    await axe(tab)
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    // Both pages have that field, and the second takes a moment to come.
    await seen(page.getByRole('heading', { name: 'Forgot your password?' }))
    await page.getByLabel('E-mail').fill(admin.email)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await seen(page.getByText(`If ${admin.email} has an account here, a link is on its way.`))
    await axe(tab)

    const link = await linkIn(admin.email, 'reset-password')
    await page.goto(link)
    await axe(tab)
    await page.getByLabel('New password').fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Set the password and log in' }).click()
    await seen(page.getByRole('heading', { name: 'All', exact: true }))

    const other = await stage.open({ path: link })
    await other.page.getByLabel('New password').fill('yet another password')
    await other.page.getByRole('button', { name: 'Set the password and log in' }).click()
    await seen(other.page.getByText('This link was used or has run out.'))
    await other.page.goto('/log-in')
    await logIn(other, admin.email, Actor.password)
    await seen(other.page.getByText('E-mail or password is not right.'))
    await logIn(other, admin.email, NEW_PASSWORD)
    await seen(other.page.getByRole('heading', { name: 'All', exact: true }))
  })

  it('leads a colleague in through the invitation that an administrator sent', async () => {
    const shop = await Shop.open(stage)
    await shop.talk('Nina', 'Hello?')
    const mali = await stage.open({ as: shop.admin, path: `/a/${shop.admin.accountId}/settings/agents` })
    await mali.page.getByRole('button', { name: 'Invite' }).click()
    await axe(mali)
    await mali.page.getByLabel('E-mail of your colleague').fill('anan@baan.example')
    const dialog = mali.page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
    await seen(mali.page.getByText('An invitation is on its way to anan@baan.example.'))
    await axe(mali)

    await shop.speaks('th')
    const anan = await stage.open({ path: await linkIn('anan@baan.example', 'invitation') })
    await seen(anan.page.getByText('Mali Kittisak invited anan@baan.example.'))
    await axe(anan)
    await anan.page.getByLabel('Your name').fill('Anan Srisuk')
    await anan.page.getByLabel('Password').fill(NEW_PASSWORD)
    await anan.page.getByRole('button', { name: 'Join' }).click()
    await seen(row(anan, 'Nina'))
    await seen(mali.page.getByText('Anan Srisuk'))
    expect(await anan.page.getByRole('link', { name: 'First steps' }).count()).toBe(0)
    const sql = openSql(stage.world)
    const [user] = await sql`select locale from users where email = 'anan@baan.example'`
    await sql.end()
    expect(user, 'the language of their own browser, not of who invited them').toEqual({ locale: 'en' })
  })

  it('leads into both accounts of who belongs to two, each with its own conversations (I10)', async () => {
    const [first, second] = [await Shop.open(stage), await Shop.open(stage)]
    await first.talk('Nina', 'I am of the first')
    await second.talk('Lek', 'I am of the second')
    const input = { accountId: second.admin.accountId, email: first.admin.email, role: 'AGENT' as const }
    await second.admin.gql(InviteMemberDocument, { input: { ...input, inboxIds: [second.inboxId] } })
    const tab = await stage.open({ path: await linkIn(first.admin.email, 'invitation') })
    const { page } = tab
    await page.getByLabel('Password').fill(Actor.password)
    await page.getByRole('button', { name: 'Join' }).click()
    await seen(row(tab, 'Lek'))
    const names = page.getByRole('menu', { name: 'Accounts' }).getByRole('menuitemradio')
    await page.getByRole('navigation', { name: 'Main' }).getByRole('button').first().click()
    expect(await names.count()).toBe(2)
    await axe(tab)
    await names
      .filter({ hasNot: page.locator('[aria-checked="true"]') })
      .and(page.locator('[aria-checked="false"]'))
      .click()
    await seen(row(tab, 'Nina'))
    expect(await row(tab, 'Lek').count()).toBe(0)
    await page.goto('/')
    await seen(row(tab, 'Nina'))
  })
})

describe('the platform console', () => {
  it('switches TikTok off and on for an account: the agent’s composer says so live, without a restart (I12)', async () => {
    const shop = await Shop.open(stage, 'Switched Off')
    const id = await shop.talk('Nina', 'Hello?')
    const agent = await stage.open({ as: shop.admin, path: shop.path(id) })
    await Promise.all([agent.live(), seen(message(agent, 'Hello?'))])

    const operator = await stage.open({ path: '/sign-up' })
    const { page } = operator
    await page.getByLabel('Company').fill('Operations')
    await page.getByLabel('Your name').fill('Pat Operator')
    await page.getByLabel('E-mail').fill('operator@example.com')
    await page.getByLabel('Password').fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Create the account' }).click()
    await seen(page.getByRole('heading', { name: 'Welcome to Operations' }))
    await page.goto('/platform')
    await seen(page.getByText('The platform console is for operators'))
    await page.goto(await linkIn('operator@example.com', 'verify-email'))
    await seen(page.getByText('Your e-mail address is confirmed.'))
    await axe(operator)

    await page.goto('/platform')
    await page.getByLabel('Search accounts').fill('Switched')
    await page.getByRole('button', { name: 'Features of Switched Off' }).click()
    const tiktok = page.getByRole('switch', { name: 'TikTok', exact: true })
    await axe(operator)
    await tiktok.click()
    await seen(replyWindow(agent).getByText('Replies are switched off: TikTok is not enabled for your account.'))
    await axe(agent)
    await tiktok.click()
    await seen(composer(agent))
    await reply(agent, 'Here I am')
    await seen(tick(agent, 'Here I am', 'Sent'))
  })
})
