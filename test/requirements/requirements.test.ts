import { beforeAll, describe, expect, it } from 'vitest'
import type { Requirement, RequirementList } from './requirement.ts'
import { rfc6455 } from './rfc6455/index.ts'
import { rfc7692 } from './rfc7692.ts'
import { rfc8441 } from './rfc8441.ts'
import { rfc9113 } from './rfc9113/index.ts'
import { collectTitles, type TestTitle } from './titles.ts'

const lists: readonly RequirementList[] = [rfc9113, rfc8441, rfc6455, rfc7692]
let collected: readonly TestTitle[]

beforeAll(async () => {
  collected = await collectTitles()
}, 60_000)

const sectionOf = (id: string): string => id.slice(1, id.lastIndexOf('-'))
const testsOf = (entry: Requirement): readonly string[] => ('tests' in entry ? entry.tests : [])
const mustsOf = (entry: Requirement): number => entry.musts ?? 1

/** The tests that an entry of the list means: the one of that title, or with `…` all whose titles begin so. */
function meant(entry: string): readonly TestTitle[] {
  if (!entry.endsWith('…')) return collected.filter(({ title }) => title === entry)
  const beginning = entry.slice(0, -1)
  return collected.filter(({ title }) => title.startsWith(beginning))
}

describe.each(lists)('the requirements of RFC $rfc', ({ rfc, sections, musts, requirements }) => {
  it('each has a test or a reason for none, and each test that is named exists', () => {
    const missing: string[] = []
    let tests = 0
    for (const entry of requirements) {
      if ('notTested' in entry ? entry.notTested === '' : entry.tests.length === 0) missing.push(`${entry.id}: nothing`)
      for (const title of testsOf(entry)) {
        const found = meant(title).length
        if (found === 0) missing.push(`${entry.id}: no test is called "${title}"`)
        tests += found
      }
    }
    expect(missing).toEqual([])
    const left = requirements.filter((entry) => 'notTested' in entry).length
    const all = requirements.reduce((sum, entry) => sum + mustsOf(entry), 0)
    console.log(
      `RFC ${rfc}: ${all} MUSTs in ${requirements.length} requirements; ${requirements.length - left} with ${tests} tests, ${left} with a reason for none`,
    )
  })

  it('no MUST of any section is left out', () => {
    const listed: Record<string, number> = {}
    for (const entry of requirements) {
      const section = sectionOf(entry.id)
      if (mustsOf(entry) > 0) listed[section] = (listed[section] ?? 0) + mustsOf(entry)
    }
    expect(listed).toEqual(musts)
  })

  it('they stand in the order of the RFC, numbered in each section', () => {
    const expected = sections.flatMap((section) => {
      const inSection = requirements.filter(({ id }) => sectionOf(id) === section)
      return inSection.map((_, i) => `§${section}-${i + 1}`)
    })
    expect(requirements.map(({ id }) => id)).toEqual(expected)
  })

  it('every title that cites it names a section that it has', () => {
    const known = new Set(sections)
    const cites = new RegExp(`RFC ${rfc} §([\\d.]*\\d)((?:, §[\\d.]*\\d)*)`, 'g')
    const wrong: string[] = []
    let cited = 0
    for (const { path } of collected) {
      for (const [, first, more] of path.matchAll(cites)) {
        for (const section of [first!, ...more!.split(', §').slice(1)]) {
          cited += 1
          if (!known.has(section)) wrong.push(path)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(cited).toBeGreaterThan(0)
  })
})
