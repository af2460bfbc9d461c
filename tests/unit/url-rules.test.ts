import { expect, test } from 'vitest'
import { isPlainRemoteMongo } from '../../server/config/url-rules'

test.each([
  ['mongodb://127.0.0.1:27017/db', false],
  ['mongodb://user:secret@localhost/db?replicaSet=rs0', false],
  ['mongodb://[::1]:27017', false],
  ['mongodb://%2Ftmp%2Fmongodb.sock/db', false],
  ['mongodb://db.example.com:27017/db', true],
  ['mongodb://localhost:27017,db.example.com:27017/db?replicaSet=rs0', true],
  ['mongodb://db.example.com/db?tls=true', false],
  ['mongodb://db.example.com/db?replicaSet=rs0&ssl=true', false],
  ['mongodb+srv://db.example.com/db', false],
  ['mongodb+srv://db.example.com/db?tls=false', true],
])('a connection to %s leaves the machine in clear: %s', (uri, isPlain) => {
  expect(isPlainRemoteMongo(uri)).toBe(isPlain)
})
