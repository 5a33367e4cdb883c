/** Whether only programs on this machine can reach the host: `127.0.0.0/8`, `::1` or `localhost`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** The host of a Host header, without the port and the brackets of an IPv6 address. */
export function hostName(hostHeader: string): string {
  if (hostHeader.startsWith('[')) return hostHeader.slice(1, hostHeader.indexOf(']'));
  return hostHeader.split(':', 1)[0] ?? '';
}

/**
 * `http://host:port`. For a server that listens on every address, the host is `localhost`, so that
 * a browser on this machine can open the URL.
 */
export function urlOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}
