/** The phone's own key: ECDSA over P-256; its private half cannot leave the browser. */

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const DOMAIN = "tapestry-phone-1";

export function base64url(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export async function makeKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
}

export async function publicKeyOf(pair: CryptoKeyPair): Promise<string> {
  return base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
}

/** Return a line with its signature behind a full stop, as docs/phone.md says. */
export async function signed(pair: CryptoKeyPair, phoneId: number, line: string): Promise<string> {
  const message = new TextEncoder().encode(`${DOMAIN}\n${phoneId}\n${line}`);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, message);
  return `${line}.${base64url(signature)}`;
}
