/**
 * The present instant. A parameter of everything that asks for the time, so that tests turn the
 * clock and not the machine.
 */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()
