export interface InvitationMail {
  to: string
  partnerName: string
  by: string
  link: string
}

/** Mail to one person with a link that only they may see. */
export interface PersonalMail {
  /** @returns whether the mail server took it; `false` where there is none */
  invitation(mail: InvitationMail): Promise<boolean>
  /** @returns as of `invitation` */
  passwordReset(mail: { to: string; link: string }): Promise<boolean>
}
