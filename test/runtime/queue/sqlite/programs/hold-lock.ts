import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';

/** Holds the write lock of a database until it is killed. */
const db = new DatabaseSync(process.argv[2] ?? '');
db.exec('BEGIN IMMEDIATE');
console.log('locked');
// Also keeps the connection from being garbage-collected, which would release the lock.
setInterval(() => db.isOpen, 60_000);
