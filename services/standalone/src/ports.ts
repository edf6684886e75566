import { once } from 'node:events';
import { createServer } from 'node:net';

/** Why nobody can listen there, or null. */
export async function portFault(host: string, port: number): Promise<string | null> {
  const server = createServer();
  server.listen(port, host);
  try {
    await once(server, 'listening');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    server.close();
  }
}
