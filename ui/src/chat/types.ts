/** GeoChat as the hub tells it. */

export interface ChatReceipt {
  device_name: string;
  handed_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
}

export interface ChatMessage {
  message_id: number;
  movement_id: number | null;
  from_device: string; // empty when a person wrote it
  to_device: string;
  user_name: string;
  callsign: string;
  room: string;
  body: string;
  sent_at: string;
  received_at: string;
  lat_deg: number | null;
  lon_deg: number | null;
  receipts: ChatReceipt[];
}

export interface ChatView {
  messages: ChatMessage[]; // the newest first
  devices: string[];
  may_write: boolean;
  callsign: string;
}

export interface Unread {
  movement_id: number | null;
  count: number;
  newest_at: string;
}
