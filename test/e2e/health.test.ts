import { beforeAll, describe, it } from 'vitest'
import { SetChannelCredentialsDocument } from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { axe, useStage } from './browser.ts'
import { becomes, gone, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage({ environment: { TIKTOK_APP_ID: '', TIKTOK_APP_SECRET: '' } })
const DAY_MS = 86_400_000

beforeAll(async () => {
  const { appId, appSecret } = stage.world.standin.tiktok
  const input = { channelType: 'tiktok', appId, appSecret }
  await (await operator(stage.world)).gql(SetChannelCredentialsDocument, { input })
})

describe('a consent that ends soon', () => {
  it('is said in the list and at the inbox, and connecting again settles it', async () => {
    const shop = await Shop.open(stage)
    const sql = openSql(stage.world)
    const endsAt = new Date(Date.now() + 12.5 * DAY_MS)
    await sql`update inboxes set consent_expires_at = ${endsAt} where id = ${shop.inboxId}`
    await sql.end()
    const tab = await stage.open({ as: shop.admin, path: `/a/${shop.admin.accountId}/settings/inboxes`, width: 320 })
    const main = tab.page.getByRole('main')
    const notice = main.getByText('The permission for TikTok ends in 12 days')
    await seen(notice)
    await axe(tab)
    await main.getByRole('link', { name: /The shop/ }).click()
    await seen(main.getByText(/^On \d+ \w+ \d{4}\. Connect again before then/))
    await axe(tab)
    await main.getByRole('button', { name: 'Reconnect' }).click()
    await tab.page.getByRole('radio', { name: `@${shop.business.username}` }).check()
    await tab.page.getByRole('button', { name: 'Approve' }).click()
    await seen(main.getByText(/is connected\. New messages/))
    await gone(notice)
  })
})

describe('the health of an inbox', () => {
  it('is told in words to administrators, and not shown to agents', async () => {
    const shop = await Shop.open(stage)
    await shop.talk('Nina', 'Hello?')
    const path = `/a/${shop.admin.accountId}/settings/inboxes/${shop.inboxId}`
    const tab = await stage.open({ as: shop.admin, path, width: 320 })
    const health = tab.page.getByRole('heading', { name: 'Health' })
    await seen(health)
    await seen(tab.page.getByText('Not checked yet.'))
    await seen(tab.page.getByText(/^renewed by itself before/))
    await axe(tab)
    await shop.speaks('th')
    const thai = await stage.open({ as: shop.admin, path, locale: 'th', theme: 'dark' })
    await seen(thai.page.getByText('ยังไม่ได้ตรวจ'))
    await axe(thai)
    const agent = await stage.open({ as: await shop.admin.invite('AGENT', [shop.inboxId]), path })
    await agent.live()
    await gone(agent.page.getByRole('heading', { name: 'Health' }))
  })
})

describe('the channels of the installation', () => {
  it('say where the provider delivers to, and are registered again by a click', async () => {
    const tab = await stage.open({ as: await operator(stage.world), path: '/platform/channels', width: 360 })
    await seen(tab.page.getByText('Not checked yet.'))
    await axe(tab)
    await tab.page.getByRole('button', { name: 'Register again' }).click()
    await seen(tab.page.getByText(/^TikTok delivers here\. · checked/))
    await axe(tab)
    await tab.page.getByRole('button', { name: 'Switch off' }).click()
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
    await seen(tab.page.getByText(/^An operator has switched the deliveries off/))
    await tab.page.getByRole('button', { name: 'Register again' }).click()
    await seen(tab.page.getByText(/^TikTok delivers here\. · checked/))
  })

  it('act as an app that is entered here, whose secret is never shown', async () => {
    const { appId, appSecret } = stage.world.standin.tiktok
    const tab = await stage.open({ as: await operator(stage.world), path: '/platform/channels' })
    await seen(tab.page.getByText(`App ${appId}, entered by Operator on`))
    await seen(tab.page.getByText('10 calls a second, which is 36000 an hour; reading counts as sending does'))
    const secret = tab.page.getByLabel('App secret')
    await becomes(() => secret.inputValue(), '', 'it is empty')
    await secret.fill(appSecret)
    await axe(tab)
    await tab.page.getByRole('button', { name: 'Save' }).click()
    await seen(tab.page.getByText('Saved. It works everywhere within seconds.'))
    await becomes(() => secret.inputValue(), '', 'it is empty again')
    await tab.page.getByRole('button', { name: 'Remove the app' }).click()
    await axe(tab)
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Remove the app' }).click()
    await seen(tab.page.getByText('No app is set.'))
    await becomes(() => tab.page.getByLabel('App ID').inputValue(), '', 'its id is gone')
    await tab.page.getByLabel('App ID').fill(appId)
    await secret.fill(appSecret)
    await tab.page.getByRole('button', { name: 'Save' }).click()
    await seen(tab.page.getByText(`App ${appId}, entered by Operator on`))
  })
})

describe('the accounts of the installation', () => {
  it('are given a limit of inboxes', async () => {
    const shop = await Shop.open(stage, 'Limited')
    const tab = await stage.open({ as: await operator(stage.world), path: '/platform', width: 360 })
    await tab.page.getByRole('button', { name: 'Limit of inboxes of Limited' }).click()
    await tab.page.getByLabel('Most connected inboxes').fill('1')
    await axe(tab)
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await seen(tab.page.getByText(/Inboxes 1\s+of 1/))
    const { accountId } = shop.admin
    const theirs = await stage.open({ as: shop.admin, path: `/a/${accountId}/settings/inboxes` })
    await theirs.page.getByRole('button', { name: 'Connect TikTok' }).click()
    await seen(theirs.page.getByText('Your account has as many inboxes as it may.'))
  })
})
