import type { Standin } from '../standin/standin.ts'
import { eventually } from './api.ts'
import type { DemoBusiness, Line, Scene } from './cast.ts'
import { answer, arrived, assign, findConversation, resolve } from './conversations.ts'
import { demoPicture } from './pictures.ts'
import type { Member } from './seed.ts'

export interface Stage {
  standin: Standin
  business: DemoBusiness
  administrator: Member
  agents: Member[]
}

interface Pair {
  business: string
  person: string
}

/** One customer's conversation, in the order of its lines, unless the customer is there already. */
export async function playScene(stage: Stage, scene: Scene): Promise<void> {
  const { username } = scene.customer
  if (await findConversation(stage.administrator, username)) return
  const { people, businesses } = stage.standin.tiktok.world
  const person = [...people.values()].find((one) => one.username === username)
  const business = [...businesses.values()].find((one) => one.username === stage.business.username)
  const pair = {
    business: business?.openId ?? '',
    person: person?.id ?? stage.standin.tiktok.addPerson(scene.customer).id,
  }
  if (scene.ad !== undefined) stage.standin.tiktok.arrives({ ...pair, ad: { name: scene.ad } })
  let inbound = 0
  for (const line of scene.lines) {
    if ('customer' in line || 'shares' in line || 'picture' in line) inbound += 1
    await play(stage, pair, username, line, inbound)
  }
  const { id } = await arrived(stage.administrator, username, inbound)
  if (scene.assignee !== undefined) await assign(stage, id, scene.assignee)
  if (scene.resolved) await resolve(stage.administrator, id)
}

async function play(stage: Stage, pair: Pair, username: string, line: Line, inbound: number) {
  const { tiktok } = stage.standin
  if ('reacts' in line) await react(stage, pair, line.reacts)
  else if ('shares' in line) {
    const content = { type: 'share_post' as const, videoId: tiktok.world.business(pair.business).posts[0] ?? '' }
    tiktok.customerWrites({ ...pair, content, at: minutesAgo(line.ago) })
  } else if ('customer' in line) tiktok.customerWrites({ ...pair, text: line.customer, at: minutesAgo(line.ago) })
  else if ('picture' in line) await show(stage, pair, line)
  else if ('app' in line) tiktok.businessWritesInApp({ ...pair, text: line.app, at: minutesAgo(line.ago) })
  else {
    // An agent answers what has come in.
    const conversation = await arrived(stage.administrator, username, inbound)
    await answer(stage.agents, conversation.id, line)
    if (!line.private) await lastAnswer(stage, pair)
  }
}

/** The answer has to be at TikTok before the customer goes on. */
const lastAnswer = ({ standin: { tiktok } }: Stage, pair: Pair) =>
  eventually('the answer is at TikTok', () => {
    const conversation = tiktok.conversations(pair.business).find(({ personId }) => personId === pair.person)
    const last = conversation?.messages.at(-1)
    return Promise.resolve(last?.from === 'business' ? last : undefined)
  })

async function react(stage: Stage, pair: Pair, emoji: string) {
  stage.standin.tiktok.reacts({ ...pair, messageId: (await lastAnswer(stage, pair)).id, emoji })
}

async function show({ standin: { tiktok } }: Stage, pair: Pair, line: Extract<Line, { picture: unknown }>) {
  const bytes = await demoPicture(line.picture)
  const mediaId = tiktok.addMedium({ business: pair.business, mime: 'image/jpeg', bytes })
  tiktok.customerWrites({ ...pair, content: { type: 'image', mediaId }, at: minutesAgo(line.ago) })
}

const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000
