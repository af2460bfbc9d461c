import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import packageFile from '../../package.json'
import { describeApi } from '../../scripts/openapi/document'
import { operations } from '../../scripts/openapi/operations'
import { readApiRoutes } from '../../scripts/openapi/routes'
import { policy } from '../../server/http/policy'

const routes = await readApiRoutes()
const described = describeApi(routes, packageFile.version)
const names = routes.map(({ method, path }) => `${method} ${path}`)

interface Operation {
  operationId: string
  security: unknown[]
  parameters?: { name: string; in: string }[]
  responses: Record<string, unknown>
}
const operationsOf = (document: unknown) =>
  Object.entries((document as { paths: Record<string, Record<string, Operation>> }).paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        path,
        operation,
      })),
  )

test('docs/openapi.json is what the handlers say today (npm run openapi writes it)', () => {
  expect(
    JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')),
  ).toEqual(JSON.parse(JSON.stringify(described)))
})

describe('the description', () => {
  test('has one operation for each handler, and no other', () => {
    expect(names.length).toBeGreaterThan(25)
    expect(
      operationsOf(described)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...names].sort())
    expect(Object.keys(operations).sort()).toEqual([...names].sort())
  })

  test('says who may call as the policy does', () => {
    const fromPolicy = Object.fromEntries(
      policy.map(({ method, path, role }) => [
        `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
        role,
      ]),
    )
    for (const { method, path, contract } of routes)
      expect(fromPolicy[`${method} ${path}`], `${method} ${path}`).toBe(contract.role)
  })

  test("names the guide's own paths, which answer without /api", () => {
    const withoutApi = policy
      .filter(({ path }) => path.startsWith('/v1/'))
      .map(({ method, path }) => `${method} /api${path}`)
    expect(
      Object.entries(operations)
        .filter(([, notes]) => notes.alsoWithoutApi)
        .map(([name]) => name)
        .sort(),
    ).toEqual(withoutApi.sort())
  })

  test('resolves every reference', () => {
    const schemas = Object.keys((described.components as { schemas: object }).schemas)
    const references = [...JSON.stringify(described).matchAll(/"\$ref":"([^"]*)"/g)].map(
      ([, target]) => target,
    )
    expect(references.length).toBeGreaterThan(50)
    for (const target of references)
      expect(schemas.map(name => `#/components/schemas/${name}`)).toContain(target)
  })

  test('has unique operation ids, and a parameter for each part of a path that varies', () => {
    const all = operationsOf(described)
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length)
    for (const { name, path, operation } of all) {
      const varying = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
      expect(
        (operation.parameters ?? [])
          .filter(parameter => parameter.in === 'path')
          .map(parameter => parameter.name),
        name,
      ).toEqual(varying)
      expect(
        Object.keys(operation.responses).some(status => /^[23]\d\d$/.test(status)),
        name,
      ).toBe(true)
    }
  })
})
