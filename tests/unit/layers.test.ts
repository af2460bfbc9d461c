import { describe, expect, test } from 'vitest'
import {
  circlesOf,
  filesOf,
  importsOf,
  operatorsOf,
  packagesOf,
  type Import,
} from '../support/imports'

/**
 * From the ground up: a layer may import itself and the layers above it in this list, never those
 * below it in the list. What stands on one line knows nothing of its neighbours on that line.
 */
const serverLayers = [
  ['shared'],
  ['server/errors.ts'],
  ['server/config'],
  ['server/database'],
  ['server/observability'],
  ['server/hubspot', 'server/jobs'],
  ['server/records', 'server/accounts'],
  ['server/connection'],
  ['server/mapping'],
  ['server/leads'],
  ['server/sync'],
  ['server/operations'],
  ['server/alerts'],
  ['server/doctor'],
  ['server/services.ts'],
  ['server/http'],
  ['server/api', 'server/middleware', 'server/plugins'],
  ['server/routes'],
]
const browserLayers = [
  ['shared'],
  ['utils'],
  ['composables'],
  ['components'],
  ['layouts', 'pages', 'middleware', 'app.vue', 'error.vue', 'app.config.ts'],
]

/** Imports that break a rule and wait to be mended. It is empty, and may only shrink. */
const ledger: readonly string[] = []

const folders = [
  'server',
  'simulator',
  'shared',
  'modules',
  ...browserLayers.flat().filter(name => name !== 'shared'),
]
const imports = importsOf(folders)

const layerOf = (layers: readonly string[][], file: string) =>
  layers.flat().find(name => file === name || file.startsWith(`${name}/`))

/** What is wrong with an import within these layers, or `undefined`. */
function against(layers: readonly string[][], { from, to }: Import): string | undefined {
  const [own, other] = [layerOf(layers, from), layerOf(layers, to)]
  if (own === undefined || own === other) return undefined
  if (other === undefined) return `${from} → ${to}: ${own} knows nothing of it`
  const rank = (name: string) => layers.findIndex(names => names.includes(name))
  return rank(other) < rank(own) ? undefined : `${from} → ${to}: ${own} lies below ${other}`
}

/** Rules a list of layers cannot say: who may import what beside it. */
const files = { 'hubspot-app': ['server/doctor'], 'package.json': ['server/doctor'] }
const isOpen = ({ from, to }: Import) =>
  Object.entries(files).some(
    ([target, users]) =>
      (to === target || to.startsWith(`${target}/`)) && users.some(user => from.startsWith(user)),
  )

describe('imports', () => {
  test('go downwards only, on the server and in the browser', () => {
    const wrong = imports
      .filter(one => !isOpen(one))
      .flatMap(one => [serverLayers, browserLayers].map(layers => against(layers, one)))
      .filter(text => text !== undefined)
    expect([...new Set(wrong)].sort()).toEqual([...ledger].sort())
  })

  test('of the simulator stay in the simulator, and nothing of the build imports it', () => {
    const allowed = ['simulator/', 'modules/child-process']
    const out = imports.filter(
      ({ from, to }) =>
        from.startsWith('simulator/') && !allowed.some(folder => to.startsWith(folder)),
    )
    const into = imports.filter(
      ({ from, to }) => to.startsWith('simulator/') && !/^(simulator|modules)\//.test(from),
    )
    expect([...out, ...into]).toEqual([])
  })

  test('make no circle between files, of values or of types', () => {
    expect(circlesOf(imports)).toEqual([])
  })

  test('of MongoDB stay away from the wire, the contract and the browser', () => {
    const free = ['server/hubspot', 'shared', 'simulator', ...browserLayers.flat()]
    const users = filesOf(free).filter(file => packagesOf(file).includes('mongodb'))
    expect(users).toEqual([])
    const toDatabase = imports.filter(
      ({ from, to }) => from.startsWith('server/hubspot/') && to.startsWith('server/database/'),
    )
    expect(toDatabase).toEqual([])
  })

  test('are read from every file, and each file of the server has a layer', () => {
    const unknown = filesOf(['server']).filter(file => !layerOf(serverLayers, file))
    expect(unknown).toEqual([])
    expect(imports.length).toBeGreaterThan(1000)
  })
})

describe('operators of MongoDB', () => {
  /** Files with operators that wait to be moved. It is empty, and stays so. */
  const allowed: readonly string[] = []
  const isRepository = (file: string) =>
    /repository\.ts$|\/repository\/|^server\/(database|jobs)\//.test(file)
  const files = filesOf(['server'])

  test('stand in repositories only', () => {
    const others = files.filter(file => !isRepository(file) && operatorsOf(file).length > 0)
    expect(others).toEqual(allowed)
  })

  test('are found where they are', () => {
    expect(operatorsOf('server/accounts/sessions-repository.ts')).toContain('$set')
    expect(operatorsOf('server/database/lease.ts')).toContain('$$NOW')
  })
})

describe('the reader of circles', () => {
  const edge = (from: string, to: string) => ({ from, to })

  test('finds a circle of two and one of three, and none in a line', () => {
    expect(circlesOf([edge('a', 'b'), edge('b', 'c')])).toEqual([])
    expect(circlesOf([edge('a', 'b'), edge('b', 'a'), edge('b', 'c')])).toEqual([['a', 'b']])
    expect(circlesOf([edge('a', 'b'), edge('b', 'c'), edge('c', 'a')])).toEqual([['a', 'b', 'c']])
  })
})
