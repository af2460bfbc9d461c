import { expect, test } from 'vitest'
import { csvLine } from '../../../server/leads/csv'
import {
  readImportFile,
  type ImportRules,
  type ReadLine,
} from '../../../server/operations/import-file'

const rules: ImportRules = {
  rules: [{ field: 'lifecycleStage', direction: 'in' }],
  own: [
    { key: 'budget', label: 'Yearly budget', type: 'number', options: [] },
    {
      key: 'interests',
      label: 'Interests',
      type: 'choices',
      options: [
        { value: 'a', label: 'Apples' },
        { value: 'b', label: 'Pears' },
      ],
    },
  ],
}

async function read(file: string | Uint8Array) {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
  const lines: ReadLine[] = []
  for await (const line of readImportFile(bytes, rules)) lines.push(line)
  return lines
}

test('columns are found by name or label, whatever their case', async () => {
  expect(await read('E-Mail,FIRST NAME,last_name,jobtitle\nA@B.test,Ann,Bell,Miller\n')).toEqual([
    {
      line: 2,
      input: { email: 'a@b.test', firstName: 'Ann', lastName: 'Bell', jobTitle: 'Miller' },
    },
  ])
})

test('own fields are found by key or label', async () => {
  expect(await read('email;BUDGET;interests\na@b.test;1200.50;"Apples;b"')).toEqual([
    { line: 2, input: { email: 'a@b.test', fields: { budget: '1200.50', interests: 'Apples;b' } } },
  ])
  expect(await read('email,Yearly budget\na@b.test,much')).toEqual([
    { line: 2, why: 'fields.budget: must be a number such as 1200 or 1200.50.' },
  ])
})

test.each([
  ['commas', 'email,company\r\na@b.test,"Mills, Ltd; ""Old"""\r\n'],
  ['semicolons', 'email;company\na@b.test;"Mills, Ltd; ""Old"""'],
  ['tabs', 'email\tcompany\ra@b.test\t"Mills, Ltd; ""Old"""\r'],
  ['a byte order mark', '\uFEFFemail,company\na@b.test,"Mills, Ltd; ""Old"""'],
  ['a semicolon in a quoted name', 'email,company,"a;b;c;d;e"\na@b.test,"Mills, Ltd; ""Old""",'],
])('a file with %s is read', async (_what, file) => {
  expect((await read(file)).filter(line => line.line === 2)).toEqual([
    { line: 2, input: { email: 'a@b.test', company: 'Mills, Ltd; "Old"' } },
  ])
})

test('lines keep their numbers over empty ones and line breaks in quotes', async () => {
  expect(await read('email,company\n\n"a@b.test","two\nlines"\n\n,\nc@d.test,5" pipes\n')).toEqual([
    { line: 3, why: 'company: must not contain control characters.' },
    { line: 7, input: { email: 'c@d.test', company: '5" pipes' } },
  ])
})

test('lines with wrong values, too many cells or an address that was there are left out', async () => {
  expect(await read('email,company\nnobody,x\na@b.test,x,y\na@b.test,x\nA@B.TEST,z\n')).toEqual([
    { line: 2, why: 'email: Invalid email address.' },
    { line: 3, why: 'It has more cells than the first line.' },
    { line: 4, input: { email: 'a@b.test', company: 'x' } },
    { line: 5, why: 'Line 4 has the same e-mail address.' },
  ])
})

test('columns that are not imported are named once, in line 1', async () => {
  const [first, ...lines] = await read(
    'email,id,colour,lifecycleStage,E-mail\na@b.test,1,red,lead,c@d.test\n',
  )
  expect(first).toEqual({
    line: 1,
    why: 'Unknown columns, not imported: id, colour. Named twice, imported once: E-mail. Changed in HubSpot only, not imported: lifecycleStage.',
  })
  expect(lines).toEqual([{ line: 2, input: { email: 'a@b.test' } }])
})

test('what looks like a formula is a text, and what an export marked is what it was', async () => {
  const values = ['=1+1', '@here', '+ring', '-none', '+49 30 123']
  const header = 'firstName,lastName,company,jobTitle,phone\n'
  const expected = [
    {
      line: 2,
      input: {
        firstName: '=1+1',
        lastName: '@here',
        company: '+ring',
        jobTitle: '-none',
        phone: '+49 30 123',
      },
    },
  ]
  expect(await read(`${header}${values.join(',')}\n`)).toEqual(expected)
  expect(csvLine(values)).toContain("'=1+1")
  expect(await read(`${header}${csvLine(values)}`)).toEqual(expected)
  expect(await read("firstName,lastName\n'Ann,'t Hooft")).toEqual([
    { line: 2, input: { firstName: "'Ann", lastName: "'t Hooft" } },
  ])
})

test.each([
  ['without a known column', 'colour,size\nred,1\n', 'known column'],
  ['with a quote that is never closed', 'email,company\na@b.test,"x\ny\n', 'line 2'],
  ['that is empty', ' \n', 'is empty'],
  ['in another encoding', new Uint8Array([0xff, 0xfe, 0x65, 0]), 'UTF-8'],
  ['with an endless line', `email\n${'x'.repeat(150_000)}\n`, 'line 2 is too long'],
])('a file %s is refused', async (_what, file, message) => {
  await expect(read(file)).rejects.toMatchObject({
    code: 'validation_failed',
    details: { issues: [{ path: 'body', message: expect.stringContaining(message) as unknown }] },
  })
})
