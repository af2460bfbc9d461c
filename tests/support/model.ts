import { setTimeout as wait } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { StageMappingDocument } from '../../server/database/documents'
import { dealStages } from '#shared/leads/stages'
import { contactFields } from './both-sides'
import { createStory } from './story'
import type { SyncBench } from './sync'

type Partner = SyncBench['partner']

/** What people edit of a contact: not its life cycle stage, which only comes in. */
const editable = contactFields.filter(([field]) => field !== 'email' && field !== 'lifecycleStage')

/** Random edits on both sides of one partner, and the runs between them. */
export async function play(
  bench: SyncBench,
  partner: Partner,
  seed: number,
  { steps, faults }: { steps: number; faults: boolean },
): Promise<{ createdHere: string[] }> {
  const story = createStory(seed)
  const { portal, partnerId } = partner
  const { leads, deals } = bench.services
  const createdHere: string[] = []
  let serial = 0
  const word = () => `w${seed}-${serial++}`
  const anyOf = async (type: 'contacts' | 'deals') =>
    story.pick((await portal.list(type, 200)).filter(record => !record.archived))
  const anyType = () => story.pick(['contacts', 'contacts', 'deals'] as const) ?? 'contacts'
  const anyLead = async () =>
    story.pick(
      await bench.collections.leads
        .find({ partner_id: partnerId })
        .sort({ _id: 1 })
        .limit(200)
        .toArray(),
    )
  const anyDeal = async () =>
    story.pick(
      await bench.collections.deals
        .find({ partner_id: partnerId })
        .sort({ _id: 1 })
        .limit(200)
        .toArray(),
    )
  const pipelines = await portal.pipelines()
  const stageIds = pipelines[0]?.stages.map(stage => stage.id) ?? []

  const actions: [number, () => Promise<unknown>][] = [
    [
      3,
      () =>
        portal.create('contacts', {
          ...(story.random() < 0.7 ? { email: `${word()}@example.com` } : {}),
          firstname: word(),
          lastname: word(),
        }),
    ],
    [
      6,
      async () => {
        const contact = await anyOf('contacts')
        const [, property = 'company'] = story.pick(editable) ?? []
        if (contact)
          await portal.edit('contacts', contact.id, {
            [property]:
              story.random() < 0.1
                ? null
                : property === 'phone'
                  ? `+49 30 ${story.below(1_000_000)}`
                  : word(),
          })
      },
    ],
    [
      2,
      async () => {
        const contact = await anyOf('contacts')
        await portal.create(
          'deals',
          {
            dealname: word(),
            amount: String(story.below(10_000)),
            pipeline: pipelines[0]?.id ?? '',
            dealstage: story.pick(stageIds) ?? '',
          },
          contact ? { associations: [contact.id] } : {},
        )
      },
    ],
    [
      3,
      async () => {
        const deal = await anyOf('deals')
        if (deal)
          await portal.edit(
            'deals',
            deal.id,
            story.random() < 0.5
              ? { amount: String(story.below(10_000)) }
              : { dealstage: story.pick(stageIds) ?? '' },
          )
      },
    ],
    [
      1,
      async () => {
        const [contact, deal] = [await anyOf('contacts'), await anyOf('deals')]
        if (contact && deal)
          await (story.random() < 0.6
            ? portal.associate(contact.id, deal.id)
            : portal.dissociate(contact.id, deal.id))
      },
    ],
    [
      1,
      async () => {
        const type = anyType()
        const record = await anyOf(type)
        if (record) await portal.archive(type, record.id)
      },
    ],
    [
      1,
      async () => {
        const type = anyType()
        const archived = story.pick(
          (await portal.list(type, 200)).filter(
            record => record.archived && !record.properties.hs_merged_object_ids,
          ),
        )
        if (archived) await portal.restore(type, archived.id).catch(() => {})
      },
    ],
    [
      0.7,
      async () => {
        const type = anyType()
        const [one, two] = [await anyOf(type), await anyOf(type)]
        if (one && two && one.id !== two.id)
          await portal.merge(type, one.id, two.id, { asNewRecord: story.random() < 0.3 })
      },
    ],
    [
      3,
      async () => {
        const lastName = `here-${word()}`
        createdHere.push(lastName)
        await leads.create(partnerId, {
          ...(story.random() < 0.7 ? { email: `${word()}@example.com` } : {}),
          firstName: word(),
          lastName,
        })
      },
    ],
    [
      6,
      async () => {
        const lead = await anyLead()
        const field =
          story.pick(['firstName', 'company', 'jobTitle', 'phone'] as const) ?? 'company'
        if (lead)
          await leads.patch(partnerId, lead._id.toHexString(), {
            [field]:
              story.random() < 0.1
                ? null
                : field === 'phone'
                  ? `+49 40 ${story.below(1_000_000)}`
                  : word(),
          })
      },
    ],
    [
      2,
      async () => {
        const lead = await anyLead()
        const name = `here-${word()}`
        createdHere.push(name)
        await deals.create(partnerId, {
          name,
          amount: String(story.below(10_000)),
          stage: story.pick(dealStages.slice(0, 3)) ?? 'new',
          ...(lead ? { leadIds: [lead._id.toHexString()] } : {}),
        })
      },
    ],
    [
      3,
      async () => {
        const deal = await anyDeal()
        if (deal)
          await deals.patch(
            partnerId,
            deal._id.toHexString(),
            story.random() < 0.5
              ? { amount: String(story.below(10_000)) }
              : { stage: story.pick(dealStages.slice(0, 3)) ?? 'new' },
          )
      },
    ],
    [
      1,
      async () => {
        const [lead, deal] = [await anyLead(), await anyDeal()]
        if (lead && deal)
          await deals.patch(partnerId, deal._id.toHexString(), {
            leadIds: story.random() < 0.5 ? [] : [lead._id.toHexString()],
          })
      },
    ],
    [3, () => bench.run('webhook', partner).catch(() => {})],
    [2, () => bench.run('incremental', partner).catch(() => {})],
  ]
  const weight = actions.reduce((sum, [share]) => sum + share, 0)
  if (faults) {
    await bench.control.inject({
      path: '/crm/',
      portalId: Number(partner.portalId),
      percent: 2,
      times: null,
      action: { kind: 'reset', afterWork: true },
    })
    await bench.control.inject({
      path: '/crm/',
      portalId: Number(partner.portalId),
      percent: 2,
      times: null,
      action: { kind: 'status', status: 503, body: { status: 'error', message: 'unavailable' } },
    })
    await bench.control.inject({
      path: '/crm/',
      portalId: Number(partner.portalId),
      percent: 1,
      times: null,
      action: { kind: 'malformed' },
    })
  }
  for (let step = 0; step < steps; step++) {
    let left = story.random() * weight
    const [, act] = actions.find(([share]) => (left -= share) < 0) ?? []
    // What a person may not do here (an address that is taken, a record that is gone) is no news.
    await act?.().catch((error: unknown) => {
      if (!(error instanceof Error) || !('code' in error)) throw error
    })
  }
  return { createdHere }
}

/**
 * Lets everything come to rest as it does in some hours: no faults, all webhooks, then incremental
 * runs until nothing waits. What is tried again later is tried at once.
 */
export async function settle(bench: SyncBench, partner: Partner): Promise<void> {
  await bench.control.clearFaults()
  await bench.webhooksSettled()
  // What webhooks missed, the index shows only after its lag.
  await wait((await bench.control.set({})).searchLagMs)
  const waiting = async () =>
    (await bench.services.leads.hasDirty(partner.partnerId)) ||
    (await bench.services.deals.hasDirty(partner.partnerId))
  const wake = { $set: { 'sync.next_try_at': null } }
  // What the last pass wrote is read back by one more.
  for (let pass = 0, quiet = 0; pass < 14 && quiet < 2; pass++) {
    for (const collection of [bench.collections.leads, bench.collections.deals])
      await collection.updateMany(
        { partner_id: partner.partnerId, dirty: true, 'sync.next_try_at': { $ne: null } },
        wake,
      )
    await bench.run('incremental', partner)
    quiet = (await waiting()) ? 0 : quiet + 1
  }
}

/** Three of our stages, each with its own stage of the first pipeline to write to. */
export async function mapStages(
  bench: Pick<SyncBench, 'collections'>,
  partner: { partnerId: ObjectId; portalId: string; portal: Partner['portal'] },
): Promise<void> {
  const [pipeline] = await partner.portal.pipelines()
  const mapping: StageMappingDocument['mapping'] = (pipeline?.stages ?? [])
    .slice(0, 3)
    .map((stage, index) => ({
      pipeline_id: pipeline?.id ?? '',
      stage_id: stage.id,
      stage: dealStages[index] ?? 'new',
      write_back: true,
      label: stage.label,
      paused: false,
    }))
  await bench.collections.stageMappings.insertOne({
    _id: `${partner.partnerId.toHexString()}:${partner.portalId}`,
    partner_id: partner.partnerId,
    portal_id: partner.portalId,
    mapping,
    drift: [],
    known_stages: [],
    revision: 1,
    updated_at: new Date(),
  })
}
