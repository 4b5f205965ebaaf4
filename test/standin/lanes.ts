/** Work that is done one after the other within its lane. */
export interface Lanes {
  /** Runs `work` when what was in the lane before it is done, or failed, or after `pause` when the lane is empty. */
  run(lane: string, pause: () => Promise<unknown>, work: () => Promise<void>): Promise<void>
  clear(): void
}

export function createLanes(): Lanes {
  const last = new Map<string, Promise<void>>()
  return {
    run: (lane, pause, work) => {
      const turn = (last.get(lane)?.catch(() => {}) ?? pause()).then(work)
      last.set(lane, turn)
      const leave = () => {
        if (last.get(lane) === turn) last.delete(lane)
      }
      turn.then(leave, leave)
      return turn
    },
    clear: () => last.clear(),
  }
}
