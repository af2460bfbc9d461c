import { createCipher } from '../../server/database/encryption'

/** Seals with a key of its own. */
export const testCipher = () => createCipher([{ id: 'test', secret: Buffer.alloc(32, 9) }])
