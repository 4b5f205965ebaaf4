import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Dashboards } from '../support/dashboard.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
const dashboards = new Dashboards()

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
})
afterAll(async () => {
  dashboards.close()
  await world.close()
})

describe('pages of other origins', () => {
  const origin = 'https://dashboard.example'

  it('may ask /api and Socket.IO, and never with a cookie', async () => {
    const { dashboard } = await dashboards.shop(world)
    const asked = await fetch(`${world.url}/api/chats`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    })
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization')
    const answers = [
      asked,
      await dashboard.get('/api/status', { origin }),
      await fetch(`${world.url}/api/status`, { headers: { origin } }),
      await fetch(`${world.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } }),
      await fetch(`${world.url}/socket.io/socket.io.js`, { headers: { origin } }),
    ]
    // What is not read keeps the server from closing.
    await Promise.all(answers.map((answer) => answer.arrayBuffer()))
    expect(answers.map(({ status }) => status)).toEqual([204, 200, 401, 200, 200])
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('set-cookie')).toBeNull()
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    }
  })

  it('may ask nothing else', async () => {
    for (const path of ['/graphql', '/auth/refresh', '/health']) {
      const { headers } = await fetch(world.url + path, { headers: { origin } })
      expect(headers.get('access-control-allow-origin'), path).toBeNull()
    }
  })
})
