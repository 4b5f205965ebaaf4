import { AxeBuilder } from '@axe-core/playwright'
import { Redis } from 'ioredis'
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject, vi } from 'vitest'
import { Actor } from '../support/actor.ts'
import { ensureChromium } from '../support/chromium.ts'
import { ensureClientBuilt } from '../support/builds.ts'
import { until } from '../support/until.ts'
import { startWorld, type World, type WorldOptions } from '../support/world.ts'

export interface TabOptions {
  /** Logged in, in a session of its own. */
  as?: Actor
  path?: string
  locale?: 'en' | 'th'
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  reducedMotion?: boolean
  /** A phone: fingers instead of a pointer. */
  touch?: boolean
  /** Another page of the same browser: shares its cookies and storage. */
  beside?: Tab
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** Generous: a loaded machine is slow, and only a failure waits for it. */
const ACTION_MS = 25_000
const STORY_MS = 120_000
const PICTURES = path.join(tmpdir(), 'parley-e2e')

/** What a page may complain about in every test: whoever is not logged in has no session to renew. */
const USUAL = [/\/auth\/refresh answered 401/]

/** A page of somebody's browser, with everything that went wrong in it. */
export class Tab {
  readonly page: Page
  readonly faults: string[] = []
  readonly #allowed: RegExp[] = [...USUAL]

  constructor(page: Page, origin: string) {
    this.page = page
    page.setDefaultTimeout(ACTION_MS)
    page.on('pageerror', (error) => this.faults.push(`error: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      // A failed load is told below, with its address.
      const told = message.text().startsWith('Failed to load resource')
      if (['error', 'warning'].includes(message.type()) && !told) this.faults.push(`console: ${message.text()}`)
    })
    page.on('response', (response) => {
      const own = response.url().startsWith(origin)
      if (own && response.status() >= 400) this.faults.push(`${response.url()} answered ${response.status()}`)
    })
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? ''
      // Going to another page ends what was on its way.
      if (request.url().startsWith(origin) && why !== 'net::ERR_ABORTED') this.faults.push(`${request.url()}: ${why}`)
    })
  }

  /** This test brings this about. */
  allow(...faults: RegExp[]): void {
    this.#allowed.push(...faults)
  }

  unexpected(): string[] {
    const faults = this.faults.filter((fault) => !this.#allowed.some((pattern) => pattern.test(fault)))
    return [...new Set(faults)]
  }

  /** Waits until the live view stands: what happens from now on arrives by itself. */
  async live(): Promise<void> {
    await this.page.locator('[data-testid="connection"].live').first().waitFor({ state: 'attached' })
  }
}

/** axe finds nothing on what the page shows now; every page has a heading, so that is waited for. */
export async function axe({ page }: Tab): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' })
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  const told = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${node.html}\n  ${node.failureSummary}`),
  )
  expect(told, `axe on ${page.url()}`).toEqual([])
}

/** Once per run: whichever file comes first builds, the others wait for it. */
async function buildClientOnce(): Promise<void> {
  const redis = new Redis(inject('redisUrl'))
  try {
    const first = await redis.set('e2e-client', 'building', 'NX')
    if (first) {
      ensureClientBuilt()
      await redis.set('e2e-client', 'built')
    }
    await until(async () => (await redis.get('e2e-client')) === 'built', 'the client is built', 60_000)
  } finally {
    redis.disconnect()
  }
}

export interface Stage {
  readonly world: World
  /** Opens a page of Parley, in a browser profile of its own unless `beside` another. */
  open(options?: TabOptions): Promise<Tab>
  /** Opens the stand-in's page, where the customer types; `/respondio` is respond.io's. */
  phone(path?: '/respondio'): Promise<Page>
  /** Breaks every live view's connection without a word; those that stay cut cannot come back until `joinSockets`. */
  cutSockets(options?: { stay: boolean }): void
  joinSockets(): void
}

/** A Parley and a browser for this file; tabs close after each test, and what went wrong in them fails it. */
export function useStage(options: WorldOptions = {}): Stage {
  let world: World
  let browser: Browser
  let tabs: Tab[] = []
  let contexts: BrowserContext[] = []
  const sockets = new Set<Duplex>()
  let stayCut = false

  vi.setConfig({ testTimeout: STORY_MS })
  beforeAll(async () => {
    await buildClientOnce()
    const [started, launched] = await Promise.all([
      startWorld({ ...options, browsable: true }),
      chromium.launch({ executablePath: ensureChromium(), args: FLAGS }),
    ])
    world = started
    browser = launched
    world.app.server.prependListener('upgrade', (_request, socket: Duplex) => {
      if (stayCut) return socket.destroy()
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
  })
  afterAll(async () => {
    await browser?.close()
    await world?.close()
  })
  afterEach(async ({ task }) => {
    const faults = tabs.flatMap((tab) => tab.unexpected())
    if (faults.length || task.result?.state === 'fail') await takePictures(contexts)
    await Promise.all(contexts.map((context) => context.close()))
    tabs = []
    contexts = []
    stayCut = false
    expect(faults, 'what went wrong in the pages').toEqual([])
  })

  const newContext = async (tab: TabOptions) => {
    const context = await browser.newContext({
      baseURL: world.url,
      locale: tab.locale === 'th' ? 'th-TH' : 'en-GB',
      timezoneId: 'Asia/Bangkok',
      colorScheme: tab.theme ?? 'light',
      viewport: { width: tab.width ?? 1440, height: tab.height ?? 810 },
      reducedMotion: tab.reducedMotion ? 'reduce' : 'no-preference',
      ...(tab.touch && { hasTouch: true, isMobile: true }),
    })
    contexts.push(context)
    return context
  }

  return {
    get world() {
      return world
    },
    async open(given = {}) {
      const context = given.beside?.page.context() ?? (await newContext(given))
      if (given.as) await logIn(context, await Actor.logIn(world, given.as.email))
      const tab = new Tab(await context.newPage(), world.url)
      tabs.push(tab)
      const home = given.as ? `/a/${given.as.accountId}/all` : '/'
      await tab.page.goto(given.path ?? home)
      return tab
    },
    async phone(path) {
      const page = await (await newContext({})).newPage()
      page.setDefaultTimeout(ACTION_MS)
      await page.goto(world.standin.url + (path ?? ''))
      return page
    },
    cutSockets: ({ stay } = { stay: false }) => {
      stayCut = stay
      for (const socket of sockets) socket.destroy()
    },
    joinSockets: () => {
      stayCut = false
    },
  }
}

async function logIn(context: BrowserContext, actor: Actor): Promise<void> {
  const cookies = [...actor.cookies].map(([name, value]) => ({ name, value, url: actor.world.url, httpOnly: true }))
  await context.addCookies(cookies)
}

/** What a failed test saw. */
async function takePictures(contexts: readonly BrowserContext[]): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  for (const page of contexts.flatMap((context) => context.pages())) {
    const file = path.join(PICTURES, `${randomUUID().slice(0, 8)}.png`)
    await page.screenshot({ path: file })
    console.error(`${page.url()} looked like ${file}`)
  }
}
