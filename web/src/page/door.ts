// What a published address tells: its port, whether other machines can use it, and the picture of a QR code.

/** The port of "host:port". */
export function portOf(published: string): number {
  return Number(published.slice(published.lastIndexOf(':') + 1));
}

/** False for an address of the proxy's own loopback, which only its own machine can use. */
export function isForOthers(published: string): boolean {
  const host = published.slice(0, published.lastIndexOf(':'));
  return !host.startsWith('127.') && host !== '[::1]' && host !== 'localhost';
}

/** What a phone's camera opens: servers that people point a phone at speak HTTP. */
export function phoneUrl(published: string): string {
  return `http://${published}/`;
}

/** The dark modules as one path, a unit each. */
export function qrPath(modules: readonly (readonly boolean[])[]): string {
  return modules
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
}
