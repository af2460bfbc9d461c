/** A HubSpot user who can own records. */
export interface Owner {
  id: string
  email: string
  type: 'PERSON'
  firstName: string
  lastName: string
  userId: number
  userIdIncludingInactive: number
  createdAt: string
  updatedAt: string
  archived: boolean
  teams: { id: string; name: string; primary: boolean }[]
}

const people: [id: string, firstName: string, lastName: string, email: string][] = [
  ['41629779', 'Morgan', 'Reyes', 'morgan@northwind.example.com'],
  ['41629780', 'Ingrid', 'Solberg', 'ingrid@northwind.example.com'],
  ['41629781', 'Tomasz', 'Wójcik', 'tomasz@northwind.example.com'],
]

export function defaultOwners(): Owner[] {
  return people.map(([id, firstName, lastName, email], index) => ({
    id,
    email,
    type: 'PERSON',
    firstName,
    lastName,
    userId: 9_586_504 + index,
    userIdIncludingInactive: 9_586_504 + index,
    createdAt: '2024-01-08T07:00:00Z',
    updatedAt: '2024-01-08T07:00:00Z',
    archived: false,
    teams: [{ id: '368389', name: 'Sales', primary: true }],
  }))
}
