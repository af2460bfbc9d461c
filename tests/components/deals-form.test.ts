import { afterEach, expect, test } from 'vitest'
import DealsForm from '../../components/deals/DealsForm.vue'
import { texts } from '#shared/texts/en'
import { aDeal } from './builders'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

const deal = aDeal()

test('of a present deal only what differs is sent, the stage as well', async () => {
  const form = render(DealsForm, { deal })
  await form.get('[name=amount]').setValue(' ')
  await form.get('select').setValue('won')
  await form.get('form').trigger('submit')
  expect(form.emitted('submit')).toEqual([[{ amount: null, stage: 'won' }]])
  expect(await violations()).toEqual([])
})

test('of a new deal everything is sent, the currency that was filled in as well', async () => {
  const form = render(DealsForm, { currency: 'USD' })
  await form.get('[name=name]').setValue('New')
  await form.get('form').trigger('submit')
  expect(form.emitted('submit')).toEqual([[{ name: 'New', currency: 'USD', stage: 'new' }]])
})

test('what is wrong is said at its field, and the first one gets the focus', async () => {
  const form = render(DealsForm, { deal })
  await form.get('[name=amount]').setValue('much')
  await form.get('[name=currency]').setValue('E')
  await form.get('form').trigger('submit')
  expect([
    form.text().includes(texts.leads.badAmount),
    form.text().includes(texts.leads.badCurrency),
  ]).toEqual([true, true])
  expect(document.activeElement).toBe(form.get('[name=amount]').element)
  expect(form.emitted('submit')).toBeUndefined()
})
