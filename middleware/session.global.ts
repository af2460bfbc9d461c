/**
 * Who is not signed in goes to the sign-in form and comes back after it. What a page may show is
 * decided by the API, not here.
 */
export default defineNuxtRouteMiddleware(async to => {
  if (to.matched.length === 0) return
  // Pages of links that people get by e-mail: whoever is signed in here already or not.
  if (['/invitation', '/reset', '/recover'].includes(to.path)) return
  const { me, load } = useSession()
  try {
    await load()
  } catch (error) {
    const problem = toProblem(error)
    return abortNavigation(
      createError({
        statusCode: problem.status ?? 503,
        message: problem.title,
        data: { code: problem.code, correlationId: problem.correlationId },
        fatal: true,
      }),
    )
  }
  if (to.path === '/login') {
    const next = safeNext(to.query.next) ?? '/'
    return me.value ? navigateTo(next, { replace: true, external: isServerPath(next) }) : undefined
  }
  if (!me.value)
    return navigateTo(
      { path: '/login', query: to.path === '/' ? {} : { next: to.fullPath } },
      { replace: true },
    )
  if (me.value.user.mustAddPasskey && to.path !== '/settings/account')
    return navigateTo('/settings/account', { replace: true })
})
