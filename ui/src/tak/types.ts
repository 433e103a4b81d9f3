/** TAK devices as the hub tells them. */

export interface TakDevice {
  device_id: number;
  name: string;
  form: "enrol" | "package";
  state: "waiting" | "expired" | "enrolled" | "ended" | "revoked";
  vehicle_id: number | null;
  user_name: string | null;
  created_at: string;
  created_by: string;
  token_expires_at: string;
  serial: string | null;
  fingerprint_sha256: string | null;
  issued_at: string | null;
  expires_at: string | null;
  revoked_at: string | null;
  revoked_by: string;
}

/** A device that may be set up; the hub says its code this once. */
export interface TakInvitation {
  device: TakDevice;
  token: string;
  doors: { host: string; stream_port: number; enrol_port: number };
  enrol_uri: string;
  enrol_svg: string;
  itak_text: string;
  itak_svg: string;
}

/** Return whether only this machine itself can reach a host. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Return devices with those that are in use first, by name, and what is over last, the newest first. */
export function inOrder(devices: readonly TakDevice[]): TakDevice[] {
  const over = (it: TakDevice): boolean => it.state === "revoked" || it.state === "ended" || it.state === "expired";
  return [...devices].sort((a, b) => Number(over(a)) - Number(over(b)) || (over(a) ? b.device_id - a.device_id : a.name.localeCompare(b.name, "en")));
}
