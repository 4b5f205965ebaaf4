import type { PictureName } from './pictures.ts'

/** One line of a conversation. `ago` (minutes) is for what the customer wrote or showed, or a colleague in the TikTok app. */
export type Line =
  | { customer: string; ago: number }
  | { picture: PictureName; ago: number }
  | { app: string; ago: number }
  /** The customer shares the business's first post. */
  | { shares: true; ago: number }
  /** The customer puts it on what the business wrote last. */
  | { reacts: string }
  /** Written in Parley, by the nth agent of the business. */
  | { agent: number; text: string; private?: boolean }

export interface Scene {
  customer: { username: string; displayName: string; region?: string; isFollower?: boolean }
  /** The ad that brought the customer here. */
  ad?: string
  lines: Line[]
  /** Index into the agents. */
  assignee?: number
  resolved?: boolean
}

/** A conversation that comes by respond.io: all that the customer wrote, and what an agent says to it. */
export interface WorkspaceScene {
  customer: { firstName: string; lastName?: string }
  lines: { text: string; ago: number }[]
  answer?: Extract<Line, { agent: number }>
  resolved?: boolean
}

/** A workspace at respond.io, and its channel that becomes an inbox. */
export interface DemoWorkspace {
  name: string
  channel: string
  scenes: WorkspaceScene[]
}

export interface Person {
  name: string
  email: string
  locale: 'en' | 'th'
}

export interface DemoBusiness {
  accountName: string
  /** Of a business in the stand-in. */
  username: string
  administrator: Person
  agents: Person[]
  scenes: Scene[]
  /** Another business of theirs in the stand-in, whose permission was withdrawn. */
  revoked?: string
  workspace?: DemoWorkspace
}

export const PASSWORD = 'parley demo password'

export const cast: DemoBusiness[] = [
  {
    accountName: 'Baan Cha',
    username: 'baan.cha.th',
    revoked: 'baan.cha.outlet',
    administrator: { name: 'มาลี ศรีสุข', email: 'mali@baancha.example', locale: 'th' },
    agents: [
      { name: 'ต้น วงศ์ทอง', email: 'ton@baancha.example', locale: 'th' },
      { name: 'Grace Lim', email: 'grace@baancha.example', locale: 'en' },
    ],
    scenes: [
      {
        customer: { username: 'ploy.pt', displayName: 'พลอยไพลิน ตั้งวงศ์เจริญ', isFollower: true },
        assignee: 0,
        lines: [
          { customer: 'สวัสดีค่ะ ชาไทยเย็นส่งเชียงใหม่ได้ไหมคะ', ago: 34 },
          { customer: 'อยากได้ 6 กล่องค่ะ 🧋', ago: 33 },
          { agent: 0, text: 'สวัสดีครับคุณพลอย ส่งได้ครับ 2–3 วันถึง ค่าส่ง 60 บาทครับ' },
          { customer: 'ขอบคุณค่ะ ขอสั่งเลยนะคะ 🙏', ago: 0 },
        ],
      },
      {
        customer: { username: 'somchai_k', displayName: 'สมชาย ใจดี' },
        lines: [
          { customer: 'ร้านเปิดวันอาทิตย์ไหมครับ', ago: 95 },
          { customer: 'แล้วมีที่จอดรถไหมครับ', ago: 94 },
        ],
      },
      {
        customer: { username: 'alice.demo', displayName: 'Alice Nguyen', region: 'VN' },
        assignee: 1,
        lines: [
          { customer: 'Hi! Do you ship the matcha set to Hanoi?', ago: 26 * 60 },
          { app: 'Hi Alice, we do. Let me ask about the price and come back to you.', ago: 25 * 60 },
          { customer: 'Any news? 😊', ago: 50 },
          { agent: 1, text: 'Shipping quote is in the shared sheet, row 14.', private: true },
          { agent: 1, text: 'It is 420 THB to Hanoi, about a week. Shall I put one aside for you?' },
        ],
      },
      {
        customer: { username: 'fah.bkk', displayName: 'ฟ้าใส กิตติพงศ์' },
        lines: [{ customer: 'มีชาเขียวแบบไม่หวานไหมคะ', ago: 51 * 60 }],
      },
      {
        customer: { username: 'narin.w', displayName: 'นรินทร์ วัฒนสุข', isFollower: true },
        resolved: true,
        lines: [
          { customer: 'ได้รับของแล้วครับ อร่อยมาก 😍', ago: 180 },
          { picture: 'tea', ago: 179 },
          { agent: 0, text: 'ขอบคุณมากครับ แวะมาใหม่นะครับ' },
        ],
      },
    ],
  },
  {
    accountName: 'Northwind Coffee',
    username: 'northwind.coffee',
    administrator: { name: 'Nina Kaplan', email: 'nina@northwind.example', locale: 'en' },
    agents: [{ name: 'Omar Haddad', email: 'omar@northwind.example', locale: 'en' }],
    scenes: [
      {
        customer: { username: 'mateo.rz', displayName: 'Mateo Ruiz', region: 'MX' },
        lines: [
          { customer: 'My grinder order #4471 has not arrived yet', ago: 130 },
          { customer: 'It was promised for Friday ☹️', ago: 129 },
          { picture: 'parcel', ago: 128 },
        ],
      },
      {
        customer: { username: 'june.brews', displayName: 'June Park', region: 'KR', isFollower: true },
        assignee: 0,
        ad: 'Slow mornings',
        lines: [
          { shares: true, ago: 23 },
          { customer: 'Which beans are in the video from yesterday?', ago: 22 },
          { agent: 0, text: 'Hi June! That is our Ethiopia Guji, washed. 250 g are 14 €.' },
          { reacts: '😍' },
          { customer: 'Perfect, thanks ❤️', ago: 0 },
        ],
      },
      {
        customer: { username: 'kenji.m', displayName: 'Kenji Mori', region: 'JP' },
        lines: [{ customer: 'Do you deliver to Osaka?', ago: 12 }],
      },
    ],
    workspace: {
      name: 'Northwind Coffee',
      channel: 'Northwind Roastery',
      scenes: [
        {
          customer: { firstName: 'Sofia', lastName: 'Marín' },
          lines: [
            { text: 'Hola! Do you have decaf as whole beans?', ago: 42 },
            { text: 'The Colombia one, if there is any left 🙏', ago: 41 },
          ],
          answer: { agent: 0, text: 'Hi Sofia, yes: the Colombia decaf is back. 250 g are 12 €.' },
        },
        {
          customer: { firstName: 'Liam', lastName: 'Byrne' },
          lines: [{ text: 'Is the brewing class on Saturday full?', ago: 8 }],
        },
        {
          customer: { firstName: 'Ayşe', lastName: 'Demir' },
          lines: [{ text: 'My order came with the wrong grind', ago: 300 }],
          answer: { agent: 0, text: 'So sorry! A new bag is on its way to you, keep the other one.' },
          resolved: true,
        },
      ],
    },
  },
]

/** Runs the installation and belongs to neither business. */
export const operator = { accountName: 'Parley operations', name: 'Pat Operator', locale: 'en' as const }
