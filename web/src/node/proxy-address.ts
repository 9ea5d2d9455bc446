// Where the tunnel goes: a Wisp address as it is, or the address of a proxy's page, which tells its token.
import { PROXY_ANSWER_MS } from './limits.ts';

/** Asks a proxy's page for its tunnel. @throws {Error} that says what went wrong. */
export async function tunnelAddress(given: string): Promise<string> {
  if (!URL.canParse(given)) {
    throw new Error(`'${given}' is not an address; give http://HOST:PORT/ or ws://HOST/PATH/`);
  }
  const url = new URL(given);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return given;
  const answer = await fetch(new URL('moonwire.json', url), {
    signal: AbortSignal.timeout(PROXY_ANSWER_MS),
  });
  if (!answer.ok) throw new Error(`${given} answers ${answer.status} ${answer.statusText}`);
  const told: unknown = await answer.json();
  const path = tunnelPath(told);
  if (path === null) throw new Error(`${given} does not tell where its tunnel is`);
  const tunnel = new URL(path, url);
  tunnel.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return tunnel.href;
}

function tunnelPath(told: unknown): string | null {
  if (typeof told !== 'object' || told === null || !('wisp' in told)) return null;
  return typeof told.wisp === 'string' ? told.wisp : null;
}
