import { DomainError } from '../errors'

export class NotSignedIn extends DomainError {
  constructor() {
    super('not_signed_in', 'Sign in first.')
  }
}

export class InvalidCredentials extends DomainError {
  constructor() {
    super('invalid_credentials', 'The e-mail address or the password is not right.')
  }
}

export class SecondFactorRequired extends DomainError {
  constructor() {
    super(
      'second_factor_required',
      'The password is right. Now use your passkey, or a recovery code in its place.',
    )
  }
}

export class TooManyAttempts extends DomainError {
  constructor(retryAfterSeconds: number) {
    super('too_many_attempts', 'Too many attempts. Wait a little and try again.', {
      retryAfterSeconds,
    })
  }
}
