/** The password of every account that tests open; apart from the gateway, so that browser tests need not load it. */
export const testPassword = 'Lychee.Ferry.2846'
