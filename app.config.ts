export default defineAppConfig({
  ui: {
    colors: {
      primary: 'petrol',
      neutral: 'slate',
      success: 'emerald',
      warning: 'amber',
      error: 'red',
      info: 'sky',
    },
    button: {
      slots: { base: 'rounded-lg cursor-pointer disabled:cursor-not-allowed' },
      // Nuxt UI fades to 75 % under the mouse, where white on it no longer passes AA.
      compoundVariants: [
        { color: 'primary', variant: 'solid', class: 'hover:bg-primary/90 active:bg-primary/90' },
        { color: 'error', variant: 'solid', class: 'hover:bg-error/90 active:bg-error/90' },
      ],
      defaultVariants: { size: 'lg' },
    },
    input: { slots: { root: 'w-full', base: 'rounded-lg' }, defaultVariants: { size: 'lg' } },
    modal: {
      slots: {
        overlay: 'bg-slate-950/40 dark:bg-slate-950/70',
        content: 'rounded-xl',
        title: 'text-lg font-semibold tracking-tight text-highlighted',
        description: 'mt-1.5 text-sm text-muted',
        footer: 'flex flex-wrap justify-end gap-2',
      },
    },
    slideover: {
      slots: {
        overlay: 'bg-slate-950/40 dark:bg-slate-950/70',
        title: 'text-lg font-semibold tracking-tight text-highlighted',
      },
    },
  },
})
