/** What the feed of this process has done so far; counters only grow. */
export interface FeedStats {
  reads: number
  deliveries: number
  resets: number
  fallenBehind: number
  /** What may wait for one socket just now, in bytes. */
  bufferLimit: number
}
