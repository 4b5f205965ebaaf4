import type { RespondIoStandin } from './respondio/standin.ts'
import type { TikTokStandin } from './tiktok/standin.ts'

const BUSINESSES = [
  { username: 'baan.cha.th', displayName: 'บ้านชา', openId: '_000baanChaThailandStandinAccount0001' },
  { username: 'baan.cha.outlet', displayName: 'บ้านชา เอาต์เล็ต', openId: '_000baanChaOutletStandinAccount00003' },
  { username: 'northwind.coffee', displayName: 'Northwind Coffee', openId: '_000northwindCoffeeStandinAccount0002' },
]

const PEOPLE = [
  { username: 'ploy.pt', displayName: 'พลอยไพลิน ตั้งวงศ์เจริญ', isFollower: true },
  { username: 'somchai_k', displayName: 'สมชาย ใจดี' },
  { username: 'alice.demo', displayName: 'Alice Nguyen', region: 'VN' },
  { username: 'narin.w', displayName: 'นรินทร์ วัฒนสุข', isFollower: true },
  { username: 'lena.berlin', displayName: 'Lena Vogt', region: 'DE' },
]

/** People and businesses to start a demonstration with; nothing when there is somebody already. */
export function seedSamples(tiktok: TikTokStandin): void {
  if (tiktok.world.businesses.size > 0) return
  for (const business of BUSINESSES) tiktok.addBusiness(business)
  for (const person of PEOPLE) tiktok.addPerson(person)
}

/**
 * Workspaces to start with: one with one TikTok channel; one with several, the first of them the same shop as on TikTok; one
 * without.
 */
export function seedWorkspaces(respondio: RespondIoStandin): void {
  if (respondio.world.spaces.size > 0) return
  respondio.addChannel({ space: respondio.addSpace({ name: 'Northwind Coffee' }), name: 'Northwind Roastery' })
  const space = respondio.addSpace({ name: 'บ้านชา' })
  respondio.addUser({ space, firstName: 'นก', lastName: 'ทีมงาน' })
  respondio.addChannel({ space, business: BUSINESSES[0]?.username })
  respondio.addChannel({ space, name: 'TikTok ของเอาต์เล็ต' })
  const whatsapp = { source: 'whatsapp_cloud' }
  respondio.addChannel({ space, ...whatsapp })
  respondio.addChannel({ space: respondio.addSpace({ name: 'Without TikTok' }), ...whatsapp })
}
