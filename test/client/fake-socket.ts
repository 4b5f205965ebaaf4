/** The server's end of a socket, played by the test. */
export class FakeSocket {
  static opened: FakeSocket[] = []
  readyState = 0
  /** Answers pings, as a line that stands does. */
  alive = false
  sent: { type: string; payload?: Record<string, unknown> }[] = []
  closedWith: number | undefined
  onopen: (() => void) | null = null
  onmessage: ((frame: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor() {
    FakeSocket.opened.push(this)
  }
  send(text: string) {
    const frame = JSON.parse(text)
    this.sent.push(frame)
    if (this.alive && frame.type === 'ping') this.say({ type: 'pong' })
  }
  close(code: number) {
    this.readyState = 3
    this.closedWith = code
  }
  connect() {
    this.readyState = 1
    this.onopen?.()
  }
  accept({ alive = false } = {}) {
    this.alive = alive
    this.connect()
    this.say({ type: 'connection_ack' })
  }
  say(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  event(cursor: string, type = 'message.created', more: object = {}) {
    this.say({ type: 'next', id: 'feed', payload: { data: { accountEvents: { cursor, type, ...more } } } })
  }
  end(code: number) {
    this.readyState = 3
    this.onclose?.({ code })
  }
  subscribed() {
    return this.sent.find((frame) => frame.type === 'subscribe')?.payload?.['variables']
  }
  token() {
    return this.sent.find((frame) => frame.type === 'connection_init')?.payload?.['authorization']
  }
}
