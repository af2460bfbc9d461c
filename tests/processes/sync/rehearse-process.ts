import process from 'node:process'
import { ObjectId } from 'mongodb'
import { Scope } from '#shared/contracts/scope'
import { startServices } from '../../support/connected'

/** A server process that rehearses for the partner of PARTNER_ID, again and again until it is killed. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const partnerId = new ObjectId(environment.PARTNER_ID)
const { services } = await startServices(environment)
for (let round = 0; ; round++) {
  await services.rehearsal.all(partnerId, { writeBack: false })
  await services.rehearseScope(
    partnerId,
    Scope.parse({ contacts: { lifecycleStages: ['customer'] } }),
  )
  if (round === 0) process.stdout.write('READY\n')
}
