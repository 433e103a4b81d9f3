/** Address that sets up Traccar Client on the same phone. Pure. */

const EVERY_S = 15;

export function setupLink(server: string, identifier: string): string {
  const said = { id: identifier, url: server, accuracy: "highest", distance: "0", interval: String(EVERY_S), buffer: "true" };
  return `org.traccar.client://config?${new URLSearchParams(said)}`;
}
