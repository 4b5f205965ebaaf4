import { afterEach, describe, expect, it, vi } from 'vitest'
import { TransportError, callHttp } from '../../server/kit/http-call.ts'
import type { HttpAnswer } from '../../server/kit/http-call.ts'
import { SHORT_MS, closeServers, serve, serveRaw, serveTls } from './servers.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  closeServers()
})

const post = (url: string, timeoutMs = 5_000): Promise<HttpAnswer> =>
  callHttp({ method: 'POST', url, headers: { 'content-length': '2' }, body: '{}', timeoutMs })

async function lost(call: Promise<unknown>): Promise<string> {
  const error = await call.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(TransportError)
  return (error as TransportError).message
}

describe('a request that provably never left', () => {
  it('met nobody', async () => {
    expect(await lost(post('http://127.0.0.1:1'))).toBe('not sent: broken')
    expect(await lost(post('https://127.0.0.1:1'))).toBe('not sent: broken')
    expect(await lost(post('http://nowhere.invalid'))).toBe('not sent: broken')
  })

  it('was still shaking hands when its time was over', async () => {
    const port = await serveRaw(() => undefined)
    expect(await lost(post(`https://127.0.0.1:${port}`, SHORT_MS))).toBe('not sent: timeout')
  })

  it('met a server that speaks no TLS, or hangs up during the handshake', async () => {
    const plain = await serve((_, response) => response.end('{}'))
    expect(await lost(post(plain.replace('http:', 'https:')))).toBe('not sent: broken')
    const port = await serveRaw((socket) => socket.once('data', () => socket.destroy()))
    expect(await lost(post(`https://127.0.0.1:${port}`))).toBe('not sent: broken')
  })
})

describe('a request over TLS', () => {
  it('does not leave for a server whose certificate nobody vouches for', async () => {
    const url = await serveTls((_, response) => response.end('{}'))
    expect(await lost(post(url))).toBe('not sent: broken')
  })

  it('may have arrived when its connection breaks, a fresh one or a kept one', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const served: unknown[] = []
    const url = await serveTls((request, response) => {
      served.push(request.socket)
      if (served.length === 1) request.socket.destroy()
      else if (served.length === 2) response.end('well')
      else request.socket.destroy()
    })
    expect(await lost(post(url))).toBe('sent: broken')
    expect(await post(url)).toMatchObject({ status: 200, text: 'well' })
    expect(await lost(post(url))).toBe('sent: broken')
    expect(served[2]).toBe(served[1])
  })
})

describe('a request that may have arrived', () => {
  it('got no answer in time, or half of one', async () => {
    const silent = await serveRaw(() => undefined)
    const slow = await serve((_, response) => void response.writeHead(200).write('{"code":'))
    const late = [`http://127.0.0.1:${silent}`, slow].map((url) => lost(post(url, SHORT_MS)))
    expect(await Promise.all(late)).toEqual(['sent: timeout', 'sent: timeout'])
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"code":0')
      setTimeout(() => response.destroy(), 20)
    })
    expect(await lost(post(cut))).toBe('sent: broken')
  })

  it('went over a kept connection that broke', async () => {
    let served = 0
    const url = await serve((request, response) => {
      if (served++ === 0) return void response.end('first')
      request.socket.destroy()
    })
    expect(await post(url)).toMatchObject({ status: 200, text: 'first' })
    expect(await lost(post(url))).toBe('sent: broken')
    expect(served).toBe(2)
  })

  it('was answered at more length than anybody needs', async () => {
    const url = await serve((_, response) => {
      response.on('error', () => undefined)
      response.end('x'.repeat(1024 * 1024 + 1))
    })
    expect(await lost(post(url))).toBe('sent: too_large')
  })
})
