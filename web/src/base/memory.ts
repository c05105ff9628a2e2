/** What the browser remembers, where it is allowed to; nothing secret goes here. */

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // A private window may forbid it; then the page asks again next time.
  }
}
