import { afterEach, describe, expect, test } from 'vitest'
import ActivityChart from '../../components/activity/ActivityChart.vue'
import ActivityExplain from '../../components/activity/ActivityExplain.vue'
import ActivityResults from '../../components/activity/ActivityResults.vue'
import ActivityRunsTable from '../../components/activity/ActivityRunsTable.vue'
import FailuresGroup from '../../components/failures/FailuresGroup.vue'
import HealthAnswers from '../../components/health/HealthAnswers.vue'
import HealthCheck from '../../components/health/HealthCheck.vue'
import HealthRow from '../../components/health/HealthRow.vue'
import HealthSkeleton from '../../components/health/HealthSkeleton.vue'
import HealthQuota from '../../components/health/HealthQuota.vue'
import { texts } from '#shared/texts/en'
import { aLead, aResult, aRun } from './builders'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

test('the chart says its numbers in a table too, oldest first', async () => {
  const finished = (id: string, failed: number) =>
    aRun({
      id,
      status: 'succeeded',
      finishedAt: '2026-11-24T10:01:00.000Z',
      counts: { seen: 9, created: 2, updated: 3, unchanged: 4, failed, writtenBack: 1 },
    })
  const chart = render(ActivityChart, { runs: [finished('2', 3), finished('1', 0)] })
  expect(chart.findAll('tbody tr').map(row => row.findAll('td').map(cell => cell.text()))).toEqual([
    ['6', '0'],
    ['6', '3'],
  ])
  expect(chart.html()).not.toContain('style=')
  expect(await violations()).toEqual([])
})

test('a run can be opened by its name', async () => {
  const table = render(ActivityRunsTable, { runs: [aRun()] })
  await table.get('tbody button').trigger('click')
  expect(table.emitted('open')).toHaveLength(1)
  expect(await violations()).toEqual([])
})

test('an explanation shows all three values and the decision; nothing found is said', async () => {
  const answer = {
    record: { object: 'lead', lead: aLead() },
    matchedBy: 'email',
    fields: [
      {
        field: 'phone',
        property: 'phone',
        base: '1',
        local: '2',
        remote: '3',
        decision: 'took_local',
        rule: 'latest_wins',
      },
    ],
    lastError: null,
    nextTryAt: null,
  }
  const explain = render(ActivityExplain, { answer, problem: null, busy: false })
  for (const part of [
    '1',
    '2',
    '3',
    texts.activity.decisions.took_local,
    texts.activity.rules.latest_wins,
  ])
    expect(explain.text()).toContain(part)
  expect(await violations()).toEqual([])
  await explain.setProps({ answer: { ...answer, record: null } })
  expect(explain.text()).toContain(texts.activity.explain.noneTitle)
})

test('a check says its result in words and what to do', () => {
  const check = render(HealthCheck, {
    check: {
      id: 'webhook_self_test',
      status: 'fail',
      message: 'No answer.',
      fix: 'Open the port.',
    },
  })
  expect(check.text()).toContain(texts.health.status.fail)
  expect(check.text()).toContain('Open the port.')
  // Only a partner's questions are headings.
  expect(check.findComponent(HealthRow).find('h2').exists()).toBe(false)
})

test('checks that are being made say so, with as many empty rows as there will be', () => {
  const skeleton = render(HealthSkeleton, { rows: 3 })
  expect(skeleton.get('[role=status]').text()).toBe(texts.health.running)
  expect(skeleton.findAll('.flex-1')).toHaveLength(3)
})

describe('what a run did, record by record', () => {
  const props = {
    outcome: '',
    object: '',
    isFirstLoad: false,
    loading: false,
    problem: null,
    complete: true,
    failed: 1,
    canRetry: true,
    retrying: null,
    account: { uiDomain: 'app.hubspot.com', portalId: '1' },
  }
  const failed = aResult({
    id: '0'.repeat(23) + '8',
    outcome: 'failed',
    fields: [],
    retry: 'possible',
    error: { code: 'x', message: 'Not a valid <b>number</b>.', correlationId: 'abc-1' },
  })

  test('says what, why and where', async () => {
    const list = render(ActivityResults, { ...props, results: [aResult(), failed] })
    expect(list.findAll('a').map(link => link.attributes('href'))).toEqual([
      `/leads?open=${aResult().recordId}`,
      'https://app.hubspot.com/contacts/1/record/0-1/501',
      `/leads?open=${aResult().recordId}`,
      'https://app.hubspot.com/contacts/1/record/0-1/501',
    ])
    for (const part of [
      texts.activity.results.outcomes.updated,
      texts.activity.results.fields('Phone'),
      'Not a valid <b>number</b>.',
      'abc-1',
    ])
      expect(list.text()).toContain(part)
    expect(await violations()).toEqual([])
  })

  test('one failed record is tried again, or all of them; what is under way shows', async () => {
    const list = render(ActivityResults, { ...props, results: [failed] })
    await list.get('li button').trigger('click')
    await list
      .findAll('button')
      .find(button => button.text() === texts.activity.results.retryAll)
      ?.trigger('click')
    expect([list.emitted('retry'), list.emitted('retryAll')]).toEqual([[[failed]], [[]]])
    await list.setProps({ results: [{ ...failed, retry: 'waiting' }] })
    expect(list.text()).toContain(texts.activity.results.waiting)
    expect(list.find('li button').exists()).toBe(false)
    await list.setProps({ results: [{ ...failed, retry: 'done' }] })
    expect(list.text()).toContain(texts.activity.results.settled)
  })

  test('a member is offered no other try', () => {
    const list = render(ActivityResults, { ...props, canRetry: false, results: [failed] })
    expect(list.find('button').exists()).toBe(false)
  })

  test('is filtered, and says when nothing fits or more was changed than is kept', async () => {
    const list = render(ActivityResults, { ...props, complete: false, results: [aResult()] })
    expect(list.text()).toContain(texts.activity.results.bounded)
    await list.get('select').setValue('failed')
    expect(list.emitted('update:outcome')).toEqual([['failed']])
    await list.setProps({ outcome: 'failed', results: [] })
    expect(list.text()).toContain(texts.activity.results.noneText)
  })
})

test('the quota is said in words and as a meter, for each budget that there is', async () => {
  const quota = {
    tenSeconds: { limit: 110, remaining: 80, pausedUntil: null },
    searches: { limit: 5, remaining: 0, pausedUntil: '2026-11-24T10:00:00.000Z' },
    reported: { limit: 110, remaining: 77, at: '2026-11-24T10:00:00.000Z' },
    daily: null,
  }
  const meter = render(HealthQuota, { quota })
  expect(
    meter.findAll('meter').map(one => [one.attributes('value'), one.attributes('max')]),
  ).toEqual([
    ['80', '110'],
    ['0', '5'],
  ])
  for (const part of [
    texts.health.quotaMeter.left('80', '110'),
    texts.health.quotaMeter.paused,
    '77',
    texts.health.quotaMeter.noDaily,
  ])
    expect(meter.text()).toContain(part)
  expect(await violations()).toEqual([])
  await meter.setProps({
    quota: { ...quota, daily: { limit: 250_000, remaining: 1000, at: '2026-11-24T10:00:00.000Z' } },
  })
  expect(meter.findAll('meter')).toHaveLength(3)
})

test('a cause of failure says how many, who mends it and how, and leads to its records', async () => {
  const group = {
    cause: 'stage_not_mapped',
    count: 7,
    who: 'partner',
    fix: texts.failures.fix.stage_not_mapped,
    sample: [
      { object: 'deal', id: '5', name: 'Big', message: 'closed is not a valid stage' },
      { object: 'deal', id: '6', name: null, message: '' },
    ],
  }
  const words = texts.failurePage
  const props = { group, records: null, loading: false, canRetry: true, retrying: false }
  const shown = render(FailuresGroup, props)
  for (const said of [
    words.cause.stage_not_mapped,
    words.who.partner,
    group.fix,
    '7 records',
    'closed is not a valid stage',
    texts.leads.unnamedDeal,
  ])
    expect(shown.text()).toContain(said)
  expect(shown.get('li a').attributes('href')).toBe('/leads?view=deals&open=5')
  expect(shown.get('a[download]').attributes('href')).toContain('cause=stage_not_mapped')
  const button = (label: string) => shown.findAll('button').find(one => one.text().includes(label))
  await button(words.retry)?.trigger('click')
  await button(words.showAll('7'))?.trigger('click')
  expect(shown.emitted('retry')).toHaveLength(1)
  expect(shown.emitted('showAll')).toHaveLength(1)
  expect(await violations()).toEqual([])
  const member = render(FailuresGroup, { ...props, canRetry: false, records: group.sample })
  expect(member.text()).not.toContain(words.retry)
  expect(member.text()).toContain(words.bounded('2'))
})

describe('what a partner asks about the connection', () => {
  const answer = { status: 'pass' as const, message: 'Fine.', fix: null, path: null }
  const health = {
    answers: [
      { ...answer, id: 'hubspot' as const },
      { ...answer, id: 'permissions' as const },
      { ...answer, id: 'notifications' as const },
      {
        ...answer,
        id: 'records' as const,
        status: 'fail' as const,
        fix: 'Correct the values.',
        path: '/settings/hubspot/failures',
      },
    ],
    notifications: { lastEventAt: '2026-11-24T09:55:00.000Z', waiting: 3 },
  }
  const words = texts.health

  test('is answered with what to do and where, and a test of notifications', async () => {
    const list = render(HealthAnswers, { health, test: null, canTest: true, testing: false })
    expect(list.findAll('h2').map(one => one.text())).toEqual(Object.values(words.questions))
    expect(list.find('a').attributes('href')).toBe('/settings/hubspot/failures')
    expect(list.find('time').attributes('datetime')).toBe(health.notifications.lastEventAt)
    expect(list.text()).toContain(words.eventsWaiting(3, '3'))
    await list.find('button').trigger('click')
    expect(list.emitted('test')).toHaveLength(1)
    await list.setProps({
      test: { result: 'refused_signature', status: 401, at: '2026-11-24T10:00:00.000Z' },
    })
    expect(list.get('[role=status]').text()).toBe(words.testResults.refused_signature)
    expect(await violations()).toEqual([])
  })

  test('a member sees the answers and no test', () => {
    const list = render(HealthAnswers, { health, test: null, canTest: false, testing: false })
    expect(list.find('button').exists()).toBe(false)
  })
})
