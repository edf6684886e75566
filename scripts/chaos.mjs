/** `npm run chaos -- --seconds S --seed N`: breaks a whole chain at random and checks the result. */
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';

prepare();
run(process.execPath, ['end-to-end/dist/chaos/main.js', ...process.argv.slice(2)]);
