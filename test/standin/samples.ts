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
