import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Import {
  /** File that imports, from the project's root */
  from: string
  /** File that is imported, from the project's root */
  to: string
}

/** Every import of one file of this project by another, of values and of types alike. */
export function importsOf(folders: readonly string[]): Import[] {
  return filesOf(folders).flatMap(from =>
    specifiersOf(from).flatMap(specifier => {
      const to = resolve(from, specifier)
      return to === undefined ? [] : [{ from, to }]
    }),
  )
}

/** Source files below the folders (or the files themselves), from the project's root. */
export function filesOf(folders: readonly string[]): string[] {
  return folders
    .flatMap(folder =>
      /\.\w+$/.test(folder)
        ? [folder]
        : readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
            .filter(file => /\.(ts|vue)$/.test(file))
            .map(file => join(folder, file)),
    )
    .map(file => file.split(sep).join('/'))
    .sort()
}

/** What the file imports: static, re-exported, dynamic and `import('…')` types. */
function specifiersOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const code = file.endsWith('.vue') ? scriptsOf(text) : text
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName)
}

function scriptsOf(component: string): string {
  return [...component.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)]
    .map(([, code = '']) => code)
    .join('\n')
}

const aliases: [RegExp, string][] = [
  [/^#shared\//, 'shared/'],
  [/^(~~|~|@@|@)\//, ''],
]

function resolve(from: string, specifier: string): string | undefined {
  const alias = aliases.find(([pattern]) => pattern.test(specifier))
  if (!alias && !specifier.startsWith('.')) return undefined
  const path = alias
    ? specifier.replace(...alias)
    : relative(root, join(root, dirname(from), specifier))
        .split(sep)
        .join('/')
  const file = ['', '.ts', '.vue', '/index.ts'].find(ending => {
    const candidate = join(root, path + ending)
    return existsSync(candidate) && /\.\w+$/.test(candidate)
  })
  if (file === undefined) throw new Error(`${from} imports ${specifier}, which is not there`)
  return path + file
}

/**
 * Files that import each other in a circle, found by Tarjan's algorithm.
 * @returns each circle once, as the files of one strongly connected part
 */
export function circlesOf(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>()
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to])
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (file: string): number => {
    const own = index.size
    index.set(file, own)
    let lowest = own
    stack.push(file)
    for (const target of targets.get(file) ?? []) {
      const seen = index.get(target)
      if (seen === undefined) lowest = Math.min(lowest, visit(target))
      else if (stack.includes(target)) lowest = Math.min(lowest, low.get(target) ?? seen)
    }
    low.set(file, lowest)
    if (lowest === own) {
      const part = stack.splice(stack.indexOf(file))
      if (part.length > 1) circles.push(part.sort())
    }
    return lowest
  }
  for (const file of targets.keys()) if (!index.has(file)) visit(file)
  return circles
}

/** MongoDB's operators and field paths that a file holds as names or texts, as `$set`. */
export function operatorsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  if (!/\$[a-z$]/i.test(text)) return []
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const isName = ts.isIdentifier(node) && ts.isPropertyAssignment(node.parent)
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node)
    if ((isName || isText) && /^\$[a-z$]/i.test(node.text)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return found
}

/** Names of the packages that a file imports, of values and of types alike. */
export function packagesOf(file: string): string[] {
  return specifiersOf(file).filter(
    specifier =>
      !specifier.startsWith('.') && !aliases.some(([pattern]) => pattern.test(specifier)),
  )
}
