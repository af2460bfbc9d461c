import { afterEach, expect, test } from 'vitest'
import AppLoginForm from '../../components/app/AppLoginForm.vue'
import { texts } from '#shared/texts/en'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

test('says what is missing and puts the focus there', async () => {
  const form = render(AppLoginForm, { problem: null })
  await form.get('form').trigger('submit')
  expect(form.get('[role=alert]').text()).toContain(texts.login.missing)
  expect(document.activeElement?.getAttribute('name')).toBe('email')
  expect(form.emitted('submit')).toBeUndefined()
})

test('hands over what was typed, and keeps it when it is refused', async () => {
  const form = render(AppLoginForm, { problem: null })
  await form.get('[name=email]').setValue(' ada@example.com ')
  await form.get('[name=password]').setValue('secret')
  await form.get('form').trigger('submit')
  expect(form.emitted('submit')).toEqual([['ada@example.com', 'secret']])
  await form.setProps({ problem: texts.errors.api.invalid_credentials })
  expect(form.get('[role=alert]').text()).toContain(texts.errors.api.invalid_credentials.title)
  expect(form.get<HTMLInputElement>('[name=password]').element.value).toBe('secret')
})

test("keeps the password out of the page's markup, shown or not", async () => {
  const form = render(AppLoginForm, { problem: null })
  await form.get('[name=email]').setValue('ada@example.com')
  await form.get('[name=password]').setValue('secret')
  expect(document.body.innerHTML).toContain('value="ada@example.com"')
  expect(document.body.innerHTML).not.toContain('secret')
  await form.get(`[aria-label="${texts.login.showPassword}"]`).trigger('click')
  await form.setProps({ busy: true })
  expect(document.body.innerHTML).not.toContain('secret')
  expect(form.get<HTMLInputElement>('[name=password]').element.value).toBe('secret')
})

test('shows and hides the password, and axe finds nothing', async () => {
  const form = render(AppLoginForm, { problem: null })
  await form.get(`[aria-label="${texts.login.showPassword}"]`).trigger('click')
  expect(form.get('[name=password]').attributes('type')).toBe('text')
  expect(await violations()).toEqual([])
})

test('takes what is pasted, or filled in by a password manager', async () => {
  const form = render(AppLoginForm, { problem: null })
  const [email, password] = [form.get('[name=email]'), form.get('[name=password]')]
  expect([email, password].map(field => field.attributes('autocomplete'))).toEqual([
    'username',
    'current-password',
  ])
  const paste = new Event('paste', { bubbles: true, cancelable: true })
  password.element.dispatchEvent(paste)
  expect(paste.defaultPrevented).toBe(false)
})
