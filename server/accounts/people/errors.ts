import { DomainError } from '../../errors'

export class LastAdmin extends DomainError {
  constructor() {
    super(
      'last_admin',
      'This is the last admin who can sign in. Make somebody else an admin first.',
    )
  }
}

export class LinkInvalid extends DomainError {
  constructor() {
    super(
      'link_invalid',
      'This link was used already or is too old. Ask for a new one where you got it from.',
    )
  }
}
