import { createStory } from '../../tests/support/story'
import type { Installation } from './installation'

type Story = ReturnType<typeof createStory>
type RecordType = 'contacts' | 'deals'

/**
 * What people do on both sides, at random: edits, new records, deletions, restorations, merges,
 * ties between contacts and deals.
 */
export async function createPeople(
  { ask, portal, stages }: Pick<Installation, 'ask' | 'portal' | 'stages'>,
  story: Story,
) {
  const counts = {
    editedHere: 0,
    createdHere: 0,
    editedThere: 0,
    createdThere: 0,
    deleted: 0,
    restored: 0,
    merged: 0,
    tied: 0,
    refused: 0,
  }
  /** Texts that were given here and answered with success, each once, with the record's id */
  const acknowledged: { text: string; id: string }[] = []
  /** Names given here, each once */
  const createdHere: string[] = []
  const alive: Record<RecordType, string[]> = { contacts: [], deals: [] }
  const gone: string[] = []
  for (const type of ['contacts', 'deals'] as const)
    alive[type] = (await portal.list(type, 50_000))
      .filter(record => !record.archived)
      .map(record => record.id)
  let serial = 0
  const word = () => `w${serial++}`
  const amount = () => String(story.below(100_000) / 4)
  const stage = () => story.pick(stages)?.stage ?? 'new'

  async function there(what: keyof typeof counts, act: () => Promise<unknown>): Promise<void> {
    // HubSpot's people cannot do everything either: the record may have gone in the meantime.
    await act().then(
      () => counts[what]++,
      () => counts.refused++,
    )
  }
  async function here(
    what: keyof typeof counts,
    method: string,
    path: string,
    body: object,
  ): Promise<boolean> {
    const answer = await ask(method, path, body)
    const done = answer !== null && answer.status < 300
    if (done) {
      const { id } = answer.json as { id: string }
      for (const text of Object.values(body) as unknown[])
        if (typeof text === 'string' && /^(here-)?w\d+$/.test(text)) acknowledged.push({ text, id })
    }
    counts[done ? what : 'refused']++
    return done
  }
  async function anyHere(type: 'leads' | 'deals'): Promise<string | undefined> {
    const sort =
      type === 'leads'
        ? `&sort=${story.pick(['updatedAt', '-updatedAt', 'lastName', '-company'])}`
        : ''
    const page = (await ask('GET', `/api/v1/${type}?limit=100${sort}`))?.json as
      { items?: { id: string }[] } | undefined
    return story.pick(page?.items ?? [])?.id
  }
  function remove(type: RecordType, id: string): void {
    alive[type] = alive[type].filter(one => one !== id)
  }

  const actions: [number, () => Promise<unknown>][] = [
    [
      8,
      async () => {
        const id = await anyHere('leads')
        if (id)
          await here('editedHere', 'PATCH', `/api/v1/leads/${id}`, {
            [story.pick(['firstName', 'company', 'jobTitle', 'lastName']) ?? 'company']:
              story.random() < 0.1 ? null : word(),
          })
      },
    ],
    [
      5,
      async () => {
        const id = await anyHere('deals')
        const change =
          story.pick([
            () => ({ amount: amount() }),
            () => ({ stage: stage() }),
            () => ({ name: word() }),
            () => ({ closeDate: `2027-0${1 + story.below(9)}-1${story.below(10)}` }),
            () => ({ currency: story.pick(['USD', 'EUR', 'GBP']) }),
          ])?.() ?? {}
        if (id) await here('editedHere', 'PATCH', `/api/v1/deals/${id}`, change)
      },
    ],
    [
      1,
      async () => {
        const [deal, lead] = [await anyHere('deals'), await anyHere('leads')]
        if (deal && lead)
          await here('tied', 'PATCH', `/api/v1/deals/${deal}`, {
            leadIds: story.random() < 0.3 ? [] : [lead],
          })
      },
    ],
    [
      2,
      async () => {
        const lastName = `here-${word()}`
        createdHere.push(lastName)
        await here('createdHere', 'POST', '/api/v1/leads', {
          lastName,
          firstName: word(),
          ...(story.random() < 0.8 ? { email: `${lastName}@soak.test` } : {}),
        })
      },
    ],
    [
      2,
      async () => {
        const [name, lead] = [`here-${word()}`, await anyHere('leads')]
        createdHere.push(name)
        await here('createdHere', 'POST', '/api/v1/deals', {
          name,
          amount: amount(),
          stage: stage(),
          ...(lead && story.random() < 0.8 ? { leadIds: [lead] } : {}),
        })
      },
    ],
    [
      8,
      async () => {
        const id = story.pick(alive.contacts)
        if (id)
          await there('editedThere', () =>
            portal.edit('contacts', id, {
              [story.pick(['firstname', 'company', 'jobtitle', 'phone']) ?? 'company']:
                story.random() < 0.1 ? null : word(),
            }),
          )
      },
    ],
    [
      5,
      async () => {
        const id = story.pick(alive.deals)
        if (id)
          await there('editedThere', () =>
            portal.edit(
              'deals',
              id,
              story.random() < 0.5
                ? { amount: amount() }
                : { dealstage: story.pick(stages)?.stageId ?? '' },
            ),
          )
      },
    ],
    [
      2,
      () =>
        there('createdThere', async () =>
          alive.contacts.push(
            (
              await portal.create('contacts', {
                lastname: word(),
                ...(story.random() < 0.8 ? { email: `${word()}@there.test` } : {}),
              })
            ).id,
          ),
        ),
    ],
    [
      2,
      () =>
        there('createdThere', async () => {
          const contact = story.pick(alive.contacts)
          alive.deals.push(
            (
              await portal.create(
                'deals',
                {
                  dealname: word(),
                  amount: amount(),
                  pipeline: stages[0]?.pipelineId ?? '',
                  dealstage: story.pick(stages)?.stageId ?? '',
                },
                contact ? { associations: [contact] } : {},
              )
            ).id,
          )
        }),
    ],
    [
      1,
      async () => {
        const type = story.pick(['contacts', 'contacts', 'deals'] as const) ?? 'contacts'
        const id = story.pick(alive[type])
        if (!id) return
        await there('deleted', () => portal.archive(type, id))
        remove(type, id)
        if (type === 'contacts') gone.push(id)
      },
    ],
    [
      0.5,
      async () => {
        const id = gone.shift()
        if (id)
          await there('restored', async () =>
            alive.contacts.push((await portal.restore('contacts', id)).id),
          )
      },
    ],
    [
      0.7,
      async () => {
        const type = story.pick(['contacts', 'contacts', 'deals'] as const) ?? 'contacts'
        const [winner, loser] = [story.pick(alive[type]), story.pick(alive[type])]
        if (!winner || !loser || winner === loser) return
        await there('merged', async () => {
          const survivor = await portal.merge(type, winner, loser, {
            asNewRecord: story.random() < 0.3,
          })
          remove(type, winner)
          remove(type, loser)
          alive[type].push(survivor.id)
        })
      },
    ],
    [
      1,
      async () => {
        const [contact, deal] = [story.pick(alive.contacts), story.pick(alive.deals)]
        if (contact && deal)
          await there('tied', () =>
            story.random() < 0.7
              ? portal.associate(contact, deal)
              : portal.dissociate(contact, deal),
          )
      },
    ],
  ]
  const weight = actions.reduce((sum, [share]) => sum + share, 0)

  return {
    counts,
    createdHere,
    acknowledged,
    /** One thing that somebody does somewhere */
    async act(): Promise<void> {
      let left = story.random() * weight
      await actions.find(([share]) => (left -= share) < 0)?.[1]()
    },
  }
}
