/**
 * The picture as the live feed gives it: vehicles, alerts, and the cursor to resume from.
 *
 * Pure: messages in, what changed out. After a lost link the hub sends what changed since the cursor, or the whole
 * picture when it no longer knows it; in that case everything held here is dropped first, so nothing stale survives.
 */

import type { Alert, LiveMessage, Vehicle } from "../api/types";

export interface Changed {
  vehicles: boolean;
  alerts: Alert[]; // as received, newest state
  movements: number[];
  cases: number[];
  server_time: string | null;
}

export class Picture {
  readonly vehicles = new Map<number, Vehicle>();
  readonly alerts = new Map<string, Alert>();
  private epoch: string | null = null;
  private version = 0;

  /** Return the cursor to pass on reconnect, null before the first hello. */
  get cursor(): string | null {
    return this.epoch === null ? null : `${this.epoch}:${this.version}`;
  }

  apply(message: LiveMessage): Changed {
    const changed: Changed = { vehicles: false, alerts: [], movements: [], cases: [], server_time: null };
    switch (message.type) {
      case "hello":
        this.greet(message.epoch, message.whole, message.version);
        changed.vehicles = message.whole;
        changed.server_time = message.server_time;
        break;
      case "vehicles":
        for (const row of message.rows) this.vehicles.set(row.vehicle_id, row);
        this.reach(message.version);
        changed.vehicles = message.rows.length > 0;
        break;
      case "alerts":
        for (const row of message.rows) this.alerts.set(row.alert_id, row);
        this.reach(message.version);
        changed.alerts = message.rows;
        break;
      case "movements":
        this.reach(message.version);
        changed.movements = message.changed;
        break;
      case "cases":
        this.reach(message.version);
        changed.cases = message.changed;
        break;
      case "gone":
        for (const id of message.vehicle_ids) this.vehicles.delete(id);
        changed.vehicles = true;
        break;
      case "beat":
        // A beat's version is the hub's newest; rows up to it may still be on their way to a conflated client, so
        // it does not move the cursor.
        changed.server_time = message.server_time;
        break;
    }
    return changed;
  }

  /** Put alerts that came by HTTP under those of the feed: the feed's are never older. */
  fillAlerts(alerts: Alert[]): void {
    for (const alert of alerts) if (!this.alerts.has(alert.alert_id)) this.alerts.set(alert.alert_id, alert);
  }

  private greet(epoch: string, whole: boolean, version: number): void {
    if (whole) {
      this.vehicles.clear();
      this.alerts.clear();
    }
    // On resume the hello's version is where the hub stands, not what we hold: keep ours until its rows came.
    if (epoch !== this.epoch) this.version = whole ? 0 : version;
    else if (whole) this.version = 0;
    this.epoch = epoch;
  }

  private reach(version: number): void {
    if (version > this.version) this.version = version;
  }
}
