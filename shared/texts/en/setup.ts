/** The steps after Connect, on /settings/hubspot */
export const setup = {
  title: 'Next steps',
  text: 'Until the last step we only read from HubSpot. Nothing there changes.',
  done: 'Done',
  progress: (done: string, all: string) => `${done} of ${all} done`,
  hide: 'Hide these steps',
  steps: {
    connected: {
      title: (account: string) => `Connected to ${account}`,
      text: '',
    },
    mapping: {
      title: 'Map the deal stages',
      text: 'Say which of your stages each stage in HubSpot is. We suggest most of them.',
      unmapped: (count: string, one: boolean) =>
        one
          ? '1 deal is in a stage that is not mapped.'
          : `${count} deals are in stages that are not mapped.`,
    },
    preview: {
      title: 'Preview what will change',
      text: 'Read what the next sync would change, in HubSpot and here, before it does.',
      first: 'Read what the first import would add here. It has not started.',
    },
    writeBack: {
      title: 'Turn write-back on',
      text: 'From then on your edits here reach HubSpot within seconds.',
    },
  },
  open: 'Open the mapping',
  previewFirst: 'Preview the first import',
} as const
