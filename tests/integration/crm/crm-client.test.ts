import { describe, expect, it } from 'vitest'
import { present } from '../../support/present'
import { failed, useCrmBench } from './crm-bench'
import { refusesByChance } from '../../support/strange'

const bench = useCrmBench()
const contactProperties = ['email', 'firstname', 'lastname']

describe('reading', () => {
  it('pages through a list by cursor, on dated paths alone', async () => {
    const ids: string[] = []
    let after: string | undefined
    do {
      const page = await bench.crm.listPage('contacts', { after, properties: contactProperties })
      ids.push(...page.results.map(record => record.id))
      after = page.after ?? undefined
    } while (after !== undefined)
    expect(new Set(ids).size).toBe(230)
    const calls = await bench.control.calls({ kind: 'general' })
    expect(calls).toHaveLength(3)
    for (const { path } of calls) expect(path).toMatch(/^\/crm\/objects\/2026-09\/contacts$/)
  })

  it('brings deals with the ids of all their contacts, an empty list where there are none', async () => {
    const portal = bench.control.portal()
    const contacts = (await portal.list('contacts', 150)).map(contact => contact.id)
    const crowded = await portal.create(
      'deals',
      { dealname: 'Crowded', dealstage: 'appointmentscheduled', pipeline: 'default' },
      { associations: contacts },
    )
    const alone = await portal.create('deals', {
      dealname: 'Alone',
      dealstage: 'appointmentscheduled',
      pipeline: 'default',
    })
    const page = await bench.crm.listPage('deals', {
      properties: ['dealname'],
      associations: ['contacts'],
    })
    const found = (id: string) => page.results.find(deal => deal.id === id)?.associations?.contacts
    expect(found(alone.id)).toEqual([])
    expect([...(found(crowded.id) ?? [])].sort()).toEqual([...contacts].sort())
    const read = await bench.crm.associations('deals', 'contacts', [crowded.id, alone.id])
    expect(read.get(alone.id)).toEqual([])
    expect(read.get(crowded.id)?.length).toBe(150)
  })

  it('searches with total, and reads batches of any size with what is missing', async () => {
    const page = await bench.crm.search('contacts', { limit: 1, properties: ['email'] })
    expect(page.total).toBe(230)
    expect(page.results).toHaveLength(1)
    const ids = (await bench.control.portal().list('contacts', 230)).map(contact => contact.id)
    const { results, missing } = await bench.crm.batchRead(
      'contacts',
      [...ids, '999999999999'],
      contactProperties,
    )
    expect(results).toHaveLength(230)
    expect(missing).toEqual(['999999999999'])
  })

  it('says when single values were set, fifty records a request', async () => {
    const portal = bench.control.portal()
    const ids = (await portal.list('contacts', 120)).map(contact => contact.id)
    const at = Date.parse('2026-05-01T10:00:00.123Z')
    await portal.edit('contacts', present(ids[119]), { phone: '1', jobtitle: 'Old' }, { at })
    await portal.edit('contacts', present(ids[119]), { jobtitle: 'New' }, { at: at + 5000 })
    await bench.control.clearCalls()
    const times = await bench.crm.changedAt(
      'contacts',
      [...ids, '999999999999'],
      ['phone', 'jobtitle', 'nonsense'],
    )
    expect(times.size).toBe(120)
    expect(times.get(present(ids[119]))).toEqual({
      phone: '2026-05-01T10:00:00.123Z',
      jobtitle: '2026-05-01T10:00:05.123Z',
    })
    expect((await bench.control.calls({ path: '/batch/read' })).map(call => call.status)).toEqual([
      200, 200, 200,
    ])
  })

  it('says when a value was set that is not the present one any more', async () => {
    const portal = bench.control.portal()
    const [contact] = await portal.list('contacts', 1)
    const id = present(contact?.id)
    const at = Date.parse('2026-05-02T10:00:00.123Z')
    await portal.edit('contacts', id, { phone: '1' }, { at })
    await portal.edit('contacts', id, { phone: '2' }, { at: at + 5000 })
    const timeOf = async (phone: string) =>
      (await bench.crm.changedAt('contacts', [id], ['phone'], new Map([[id, { phone }]]))).get(id)
    expect(await timeOf('1')).toEqual({ phone: '2026-05-02T10:00:00.123Z' })
    expect(await timeOf('2')).toEqual({ phone: '2026-05-02T10:00:05.123Z' })
    expect(await timeOf('never set')).toEqual({})
  })

  it('reads properties and pipelines', async () => {
    const properties = await bench.crm.properties('contacts')
    expect(properties.find(property => property.name === 'email')).toMatchObject({ writable: true })
    expect(properties.find(property => property.name === 'lastmodifieddate')).toMatchObject({
      writable: false,
    })
    const [pipeline] = await bench.crm.pipelines()
    expect(pipeline?.stages.some(stage => stage.isWon)).toBe(true)
    expect(pipeline?.stages.some(stage => stage.isClosed && !stage.isWon)).toBe(true)
  })
})

describe('writing', () => {
  it('creates in batches, each input with its own outcome', async () => {
    const outcome = await bench.crm.batchCreate('contacts', [
      { traceId: 'good', properties: { email: 'good@example.com', firstname: 'Good' } },
      { traceId: 'bad', properties: { email: 'not an address' } },
      { traceId: 'other', properties: { email: 'other@example.com' } },
    ])
    expect(outcome.get('good')).toMatchObject({ ok: { properties: { email: 'good@example.com' } } })
    expect(outcome.get('other')).toMatchObject({
      ok: { properties: { email: 'other@example.com' } },
    })
    expect(outcome.get('bad')).toMatchObject({
      error: { message: expect.any(String), code: expect.any(String) },
    })
  })

  it('updates in batches although HubSpot refuses a batch for one record', async () => {
    const [first, second] = (await bench.control.portal().list('contacts', 2)).map(
      contact => contact.id,
    )
    const outcome = await bench.crm.batchUpdate('contacts', [
      { id: present(first), properties: { firstname: 'Updated' } },
      { id: present(second), properties: { no_such_property: 'x' } },
      { id: '999999999999', properties: { firstname: 'Nobody' } },
    ])
    expect(outcome.get(present(first))).toMatchObject({ ok: { id: first } })
    expect(outcome.get(present(second))).toMatchObject({
      error: { correlationId: expect.any(String) },
    })
    expect(outcome.get('999999999999')).toHaveProperty('error')
    expect(
      (await bench.control.portal().get('contacts', present(first))).properties.firstname,
    ).toBe('Updated')
  })

  it('creates one, and says which contact has the address of another', async () => {
    const contact = (traceId: string) =>
      bench.crm.batchCreate('contacts', [{ traceId, properties: { email: 'one@example.com' } }])
    const first = (await contact('first')).get('first')
    const id = first && 'ok' in first ? first.ok.id : ''
    expect(id).toMatch(/^\d+$/)
    const second = (await contact('second')).get('second')
    expect(second).toMatchObject({ error: { category: 'CONFLICT' } })
    expect(second && 'error' in second ? second.error.message : '').toContain(id)
  })

  it('finds no record that HubSpot archived', async () => {
    const { id } = await bench.control
      .portal()
      .create('contacts', { email: 'archived@example.com' })
    await bench.control.portal().archive('contacts', id)
    expect(await bench.crm.batchRead('contacts', [id], ['email'])).toEqual({
      results: [],
      missing: [id],
    })
  })

  it.skipIf(refusesByChance)('does not repeat a create whose answer got lost', async () => {
    await bench.control.inject({
      path: '/contacts/batch/create',
      method: 'POST',
      action: { kind: 'reset', afterWork: true },
    })
    expect(
      await failed(
        bench.crm.batchCreate('contacts', [
          { traceId: 'lost', properties: { email: 'lost@example.com' } },
        ]),
      ),
    ).toMatchObject({ kind: 'transient' })
    expect(await bench.control.portal().find('contacts', 'email', 'lost@example.com')).toHaveLength(
      1,
    )
  })
})
