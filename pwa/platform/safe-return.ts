/** Only a path of this very site is a way back after sign-in. */
export function safeReturn(path: string | null): string {
  return path && /^\/(?![/\\])[\w/-]*$/.test(path) ? path : '/reports'
}
