import type { Owner, Pipeline, Property } from '#shared/contracts/mapping'
import type {
  ContactLists,
  Scope,
  ScopeCounts,
  ScopeRehearsal,
  ScopeSaved,
  ScopeView,
} from '#shared/contracts/scope'

const base = '/integrations/hubspot'
interface Option {
  value: string
  label: string
}

/** Which records are synced: what can be chosen, what is chosen, and how many records it means. */
export function useScope() {
  const api = useApi()
  const { number } = useLocaleSettings()
  const draft = ref<Scope | null>(null)
  const applying = ref(false)
  const saving = ref(false)
  const counting = ref(false)
  const counts = ref<ScopeCounts | null>(null)
  const rehearsal = shallowRef<ScopeRehearsal | null>(null)
  const rehearsing = ref(false)
  const listsAllowed = ref(false)
  const options = ref<Record<'stages' | 'owners' | 'lists' | 'pipelines', Option[]>>({
    stages: [],
    owners: [],
    lists: [],
    pipelines: [],
  })
  let asked = 0

  async function load(): Promise<void> {
    const [scope, pipelines, owners, properties, lists] = await Promise.all([
      api.get<ScopeView>(`${base}/scope`),
      api.get<{ pipelines: Pipeline[] }>(`${base}/pipelines`),
      api.get<{ owners: Owner[] }>(`${base}/owners`),
      api.get<{ properties: Property[] }>(`${base}/properties/contacts`),
      api.get<ContactLists>(`${base}/lists`),
    ])
    const { applying: isApplying, ...chosen } = scope
    draft.value = chosen
    applying.value = isApplying
    listsAllowed.value = lists.allowed
    options.value = {
      pipelines: pipelines.pipelines.map(({ id, label }) => ({ value: id, label })),
      owners: owners.owners.map(({ id, name }) => ({ value: id, label: name })),
      stages: (
        properties.properties.find(({ name }) => name === 'lifecyclestage')?.options ?? []
      ).map(({ value, label }) => ({ value, label })),
      lists: lists.lists.map(({ id, name, size }) => ({
        value: id,
        label: size === null ? name : texts.scope.listOption(name, number(size)),
      })),
    }
  }

  /** Looks whether records are still brought in line; what is typed stays. */
  async function look(): Promise<void> {
    applying.value = (await api.get<ScopeView>(`${base}/scope`)).applying
  }

  /** Changes the draft; its counts are another one's from then on. */
  function edit<K extends keyof Scope>(kind: K, change: Partial<Scope[K]>): void {
    if (!draft.value) return
    draft.value = { ...draft.value, [kind]: { ...draft.value[kind], ...change } }
    asked += 1
    counting.value = rehearsing.value = false
    counts.value = rehearsal.value = null
  }

  async function count(): Promise<void> {
    if (!draft.value) return
    const mine = ++asked
    counting.value = true
    try {
      const answer = await api.post<ScopeCounts>(`${base}/scope/preview`, draft.value)
      if (mine === asked) counts.value = answer
    } finally {
      if (mine === asked) counting.value = false
    }
  }

  /** Plays the draft on the records that are stored here. */
  async function rehearse(): Promise<void> {
    if (!draft.value) return
    const mine = asked
    rehearsing.value = true
    try {
      const answer = await api.post<ScopeRehearsal>(`${base}/scope/rehearsal`, draft.value)
      if (mine === asked) rehearsal.value = answer
    } finally {
      if (mine === asked) rehearsing.value = false
    }
  }

  /** @param chosen another one than the draft, which it becomes */
  async function save(chosen: Partial<Scope> | null = draft.value): Promise<void> {
    if (!chosen) return
    const mine = ++asked
    counting.value = rehearsing.value = false
    rehearsal.value = null
    saving.value = true
    try {
      const answer = await api.put<ScopeSaved>(`${base}/scope`, chosen)
      applying.value = answer.applying
      if (mine !== asked) return
      draft.value = { contacts: answer.contacts, deals: answer.deals }
      counts.value = { counts: answer.counts, basis: answer.basis }
    } finally {
      saving.value = false
    }
  }

  return {
    draft,
    applying,
    saving,
    counting,
    counts,
    rehearsal,
    rehearsing,
    listsAllowed,
    options,
    load,
    look,
    edit,
    count,
    rehearse,
    save,
  }
}
