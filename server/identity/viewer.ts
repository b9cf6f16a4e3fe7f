/** Who asks, as the session says. */
export interface Viewer {
  accountId: string
  /** The person this account is of. */
  patientId: string
  /** Public id of the session. */
  session: string
  address: string
  device: string
}
