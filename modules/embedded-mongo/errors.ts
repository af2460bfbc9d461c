type EngineErrorCode =
  | 'not_an_elf_file'
  | 'unexpected_symbol'
  | 'unsupported_platform'
  | 'engine_not_installed'
  | 'directory_in_use'
  | 'engine_failed'

/**
 * What the embedded engine refuses, in one line that says what to do. `code` is for programs,
 * `message` for people.
 */
export class EngineError extends Error {
  override name = 'EngineError'

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
