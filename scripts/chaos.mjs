/** `npm run chaos -- --seconds S --seed N`: breaks a whole chain at random and checks the result. */
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';

prepare();
const given = process.argv.slice(2);
/** Brokers that are started for the run, and whose nodes are killed in it. */
const isStarted = given.some((one) => /^(--broker=)?(mosquitto|ejabberd)$/.test(one));
const main = isStarted ? 'with-broker.js' : 'main.js';
run(process.execPath, [`end-to-end/dist/chaos/${main}`, ...given]);
