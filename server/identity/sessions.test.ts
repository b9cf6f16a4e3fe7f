import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deviceName, networkOf } from './sessions.ts'

describe('networks', () => {
  test.each([
    ['203.0.113.7', '203.0.113.0/24'],
    ['203.0.113.250', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.0/24'],
    ['2001:db8:7:1200::1', '2001:db8:7:1200::/56'],
    ['2001:db8:7:12ff:1:2:3:4', '2001:db8:7:1200::/56'],
    ['2001:db8:7:1300::1', '2001:db8:7:1300::/56'],
    ['2001:db8::1', '2001:db8:0:0::/56'],
    ['::1', '0:0:0:0::/56'],
    ['fe80::1%eth0', 'fe80:0:0:0::/56'],
  ])('[ID-10] %s belongs to %s', (address, network) => expect(networkOf(address)).toBe(network))

  test('[SE-5] any text has a network', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (address) => {
        expect(networkOf(address)).toMatch(/^[0-9.]+\/24$|^[0-9a-f:]+::\/56$/)
      }),
    )
  })
})

describe('devices', () => {
  test.each([
    ['Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36', 'Chrome · Android'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1', 'Safari · iOS'],
    ['Mozilla/5.0 (Linux; Android 12; HarmonyOS) MicroMessenger/8.0 Chrome/107', 'WeChat · HarmonyOS'],
    ['Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36 Edg/130', 'Edge · Windows'],
    ['curl/8', '–'],
    ['', '–'],
  ])('[AU-1] %s is called %s', (agent, name) => expect(deviceName(agent)).toBe(name))

  test('[AU-6] what a browser says of itself never goes further than a closed list of names', () => {
    expect(deviceName(undefined)).toBe('–')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (agent) => {
        expect(deviceName(`${agent}Chrome Android`)).toMatch(/^[A-Za-z ·–]+$/)
      }),
    )
    expect(deviceName(`${'x'.repeat(400)}Chrome`)).toBe('–')
  })
})
