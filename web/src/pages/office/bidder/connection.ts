/**
 * A connection to the feed of one lot: made, given up when it is silent, made anew. It knows
 * frames and nothing of what they mean.
 */

import { address } from '@/api'
import { NAMES, readFrame, type Frame } from './wire'

const PAUSES_MS = [300, 1000, 2000, 4000]
/** What arrives together is given on together: a replay does not flicker through the past. */
const GATHER_MS = 20

export class Connection {
  /** When it was last tried, on the monotonic clock. */
  tried = 0
  private source: EventSource | undefined
  private gathered: Frame[] = []
  private gathering: ReturnType<typeof setTimeout> | undefined
  private waiting: ReturnType<typeof setTimeout> | undefined
  private failures = 0

  constructor(
    private readonly lot: string,
    /** The number of the last event that is known. */
    private readonly last: () => number,
    private readonly take: (frames: Frame[]) => void,
    private readonly lost: () => void,
  ) {}

  get isTrying(): boolean {
    return this.source !== undefined
  }

  open(): void {
    this.close()
    this.tried = performance.now()
    const mine = new EventSource(address('/v1/lots/{lot}/feed', { path: { lot: this.lot }, query: { after: this.last() } }))
    this.source = mine
    for (const name of NAMES) {
      mine.addEventListener(name, (event: MessageEvent<string>) => {
        const frame = mine === this.source ? readFrame(name, event.data) : undefined
        if (frame !== undefined) this.gather(frame)
      })
    }
    // The browser's own re-connection knows neither our patience nor a server that answers 503.
    mine.onerror = () => mine === this.source && this.retry()
  }

  close(): void {
    this.source?.close()
    this.source = undefined
    clearTimeout(this.waiting)
    clearTimeout(this.gathering)
    this.gathering = undefined
    this.gathered = []
  }

  /** Give this connection up; the next comes after a pause that grows with each failure. */
  retry(): void {
    this.close()
    this.lost()
    this.waiting = setTimeout(() => this.open(), PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)])
  }

  /** Try again at once: the network or the reader has come back. */
  hurry(): void {
    this.failures = 0
    this.open()
  }

  private gather(frame: Frame): void {
    this.gathered.push(frame)
    this.gathering ??= setTimeout(() => {
      const frames = this.gathered
      this.gathered = []
      this.gathering = undefined
      this.failures = 0
      this.take(frames)
    }, GATHER_MS)
  }
}
