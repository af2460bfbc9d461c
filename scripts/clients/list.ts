/** A public client and how it is installed: exact versions, so that a table can be compared. */
export interface ClientPackage {
  name: string
  version: string
  /** The file of `steps/` that drives it */
  steps: string
  /** Installed with their dependencies */
  install: string[]
  /** Unpacked alone, where a package's own hundreds of dependencies are not used by this part */
  unpack?: { spec: string; folder: string; paths: string[] }[]
  /** Files in place of packages of which the client uses a few names only */
  standIns?: Record<string, string>
}

const apiClient = (version: string): ClientPackage => ({
  name: '@hubspot/api-client',
  version,
  steps: 'api-client',
  install: [`@hubspot/api-client@${version}`],
})

export const clients: readonly ClientPackage[] = [
  apiClient('9.1.1'),
  apiClient('11.2.0'),
  apiClient('13.5.0'),
  apiClient('14.0.1'),
  {
    name: 'n8n-nodes-base',
    version: '2.41.2',
    steps: 'n8n',
    install: ['moment-timezone@0.5.48', 'change-case@4.1.2', 'lodash@4.17.21'],
    unpack: [
      {
        spec: 'n8n-nodes-base@2.41.2',
        folder: 'n8n-nodes-base',
        paths: ['dist/nodes/Hubspot', 'dist/utils'],
      },
    ],
    standIns: {
      'n8n-workflow/index.js': `
class NodeError extends Error {
  constructor(_node, error) {
    super(typeof error === 'string' ? error : error.message)
    this.statusCode = error.statusCode
  }
}
class VersionedNodeType {
  constructor(nodeVersions) { this.nodeVersions = nodeVersions }
}
module.exports = {
  NodeConnectionTypes: { Main: 'main' },
  NodeApiError: NodeError, NodeOperationError: NodeError, VersionedNodeType,
  ApplicationError: Error, UserError: Error, UnexpectedError: Error, OperationalError: Error,
  deepCopy: value => structuredClone(value), jsonParse: JSON.parse,
  ensureError: error => error, isObjectEmpty: value => Object.keys(value).length === 0,
}
`,
    },
  },
  {
    name: 'openid-client',
    version: '6.9.0',
    steps: 'openid-client',
    install: ['openid-client@6.9.0'],
  },
  {
    name: 'simple-oauth2',
    version: '5.1.0',
    steps: 'simple-oauth2',
    install: ['simple-oauth2@5.1.0'],
  },
  { name: 'better-auth', version: '1.7.25', steps: 'better-auth', install: ['better-auth@1.7.25'] },
  {
    name: '@segment/action-destinations',
    version: '3.497.0',
    steps: 'segment',
    install: [
      '@segment/actions-core@3.170.0',
      'lru-cache@10.4.3',
      'liquidjs@10.8.4',
      'lodash@4.17.21',
    ],
    unpack: [
      {
        spec: '@segment/action-destinations@3.497.0',
        folder: '@segment/action-destinations',
        paths: ['package.json', 'dist/destinations/hubspot'],
      },
    ],
  },
  {
    name: '@hubspot/cli',
    version: '8.14.0',
    steps: 'hubspot-cli',
    install: ['@hubspot/cli@8.14.0', '@hubspot/project-parsing-lib@0.23.0'],
  },
]
