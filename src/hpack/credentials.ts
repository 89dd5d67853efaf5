/** Fields whose values are secrets, however they are sent: no memory that connections share may hold them. */
export function isCredential(name: string): boolean {
  switch (name.length) {
    case 6:
      return name === 'cookie'
    case 10:
      return name === 'set-cookie'
    case 13:
      return name === 'authorization'
    case 19:
      return name === 'proxy-authorization'
    default:
      return false
  }
}
