/** What stands in for a provider serves its pictures itself, often from this machine; the provider's own hosts do not. */
export function standInOrigins(apiUrl: string, domain: string): string[] {
  const { origin, hostname } = new URL(apiUrl)
  return hostname === domain || hostname.endsWith(`.${domain}`) ? [] : [origin]
}
