export { makeSecrets } from './commands/secrets.js';
