import { expect, it } from 'vitest'

// Loaded within the test: what keeps a module from loading would else stop this file before there is a test to fail.
it('the codec loads, and has these names and no others', async () => {
  expect(Object.keys(await import('../../src/hpack/index.ts')).sort()).toEqual([
    'HpackDecoder',
    'HpackEncoder',
    'defaultIndexing',
    'joinCookies',
    'noteOf',
    'setNote',
  ])
})
