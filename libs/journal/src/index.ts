export type { Appended } from './append-queue.js';
export * from './follower.js';
export * from './journal-event.js';
export * from './journal-files.js';
export * from './journal.js';
export * from './meter-time.js';
export type { OpenRefusal } from './recovery.js';
