import { describe, expect, test } from "vitest";
import type { LiveMessage } from "../src/api/types";
import { waitBefore } from "../src/live/backoff";
import { Link, SILENT_AFTER_MS, type Surroundings } from "../src/live/link";
import { Picture } from "../src/live/picture";
import { alert, vehicle } from "./made";

const hello = (epoch: string, version: number, whole: boolean): LiveMessage => ({
  type: "hello", epoch, version, whole, server_time: "2026-11-23T01:00:00Z",
});

describe("the picture", () => {
  test("has no cursor before the first hello", () => {
    expect(new Picture().cursor).toBeNull();
  });

  test("moves its cursor with rows, and never back", () => {
    const picture = new Picture();
    picture.apply(hello("e1", 40, true));
    expect(picture.cursor).toBe("e1:0");
    picture.apply({ type: "vehicles", version: 41, rows: [vehicle({ vehicle_id: 7 })] });
    picture.apply({ type: "alerts", version: 40, rows: [alert({})] });
    expect(picture.cursor).toBe("e1:41");
  });

  test("does not move its cursor by a beat: rows up to it may still be under way", () => {
    const picture = new Picture();
    picture.apply(hello("e1", 40, true));
    picture.apply({ type: "vehicles", version: 40, rows: [] });
    picture.apply({ type: "beat", version: 99, server_time: "2026-11-23T01:00:05Z" });
    expect(picture.cursor).toBe("e1:40");
  });

  test("keeps what it holds on a resume, and its own version until the rows came", () => {
    const picture = new Picture();
    picture.apply(hello("e1", 40, true));
    picture.apply({ type: "vehicles", version: 40, rows: [vehicle({ vehicle_id: 7 })] });
    picture.apply(hello("e1", 55, false));
    expect([...picture.vehicles.keys()]).toEqual([7]);
    expect(picture.cursor).toBe("e1:40");
    picture.apply({ type: "vehicles", version: 55, rows: [vehicle({ vehicle_id: 8 })] });
    expect([...picture.vehicles.keys()]).toEqual([7, 8]);
    expect(picture.cursor).toBe("e1:55");
  });

  test("drops everything when the hub sends the whole picture: nothing stale survives", () => {
    const picture = new Picture();
    picture.apply(hello("e1", 40, true));
    picture.apply({ type: "vehicles", version: 40, rows: [vehicle({ vehicle_id: 7 })] });
    picture.apply({ type: "alerts", version: 41, rows: [alert({})] });
    picture.apply(hello("e2", 3, true));
    expect(picture.vehicles.size + picture.alerts.size).toBe(0);
    expect(picture.cursor).toBe("e2:0");
  });

  test("takes vehicles away that are gone", () => {
    const picture = new Picture();
    picture.apply({ type: "vehicles", version: 1, rows: [vehicle({ vehicle_id: 7 }), vehicle({ vehicle_id: 8 })] });
    expect(picture.apply({ type: "gone", vehicle_ids: [7] }).vehicles).toBe(true);
    expect([...picture.vehicles.keys()]).toEqual([8]);
  });
});

describe("the wait before the next try", () => {
  test("doubles from half a second to 15 s, times a random share", () => {
    expect([0, 1, 2, 5, 60].map((n) => waitBefore(n, 0.999999))).toEqual([500, 1000, 2000, 15_000, 15_000]);
    expect(waitBefore(3, 0.5)).toBe(2000);
  });

  test("is never shorter than 200 ms", () => {
    expect(waitBefore(0, 0)).toBe(200);
  });
});

class FakeSocket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  close(): void {
    this.closed = true;
  }
}

function scene() {
  const sockets: FakeSocket[] = [];
  const asked: (string | null)[] = [];
  const timers = new Map<number, { act: () => void; ms: number }>();
  const told: string[] = [];
  let next = 0;
  let now_ms = 1000;
  const around: Surroundings = {
    open(cursor) {
      asked.push(cursor);
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    now_ms: () => now_ms,
    random: () => 0.5,
    later(act, ms) {
      timers.set((next += 1), { act, ms });
      return next as unknown as ReturnType<typeof setTimeout>;
    },
    cancel: (timer) => void timers.delete(timer as unknown as number),
  };
  const picture = new Picture();
  const link = new Link(
    {
      cursor: () => picture.cursor,
      message: (m) => void picture.apply(m),
      up: () => told.push("up"),
      down: (at) => told.push(`down ${at}`),
    },
    around,
  );
  const fire = (ms: number): void => {
    const found = [...timers].find(([, timer]) => timer.ms === ms);
    if (!found) throw new Error(`no timer of ${ms} ms; there are ${[...timers.values()].map((x) => x.ms)}`);
    timers.delete(found[0]);
    found[1].act();
  };
  const say = (message: LiveMessage): void => sockets.at(-1)?.onmessage?.({ data: JSON.stringify(message) });
  return { link, sockets, asked, told, fire, say, timers, at: (ms: number) => (now_ms = ms) };
}

describe("the link", () => {
  test("comes back with the cursor of the last rows, after a growing wait", () => {
    const s = scene();
    s.link.start();
    s.say(hello("e1", 4, true));
    s.at(5000);
    s.say({ type: "vehicles", version: 4, rows: [] });
    s.sockets[0]?.onclose?.();
    s.fire(250);
    s.sockets[1]?.onclose?.();
    s.fire(500);
    expect(s.asked).toEqual([null, "e1:4", "e1:4"]);
    expect(s.told).toEqual(["up", "down 5000", "down 5000"]);
  });

  test("counts as lost when the hub is silent for longer than two beats", () => {
    const s = scene();
    s.link.start();
    s.say(hello("e1", 4, true));
    s.fire(SILENT_AFTER_MS);
    expect(s.sockets[0]?.closed).toBe(true);
    expect(s.told).toEqual(["up", "down 1000"]);
  });

  test("does not come back after it was stopped", () => {
    const s = scene();
    s.link.start();
    s.link.stop();
    s.sockets[0]?.onclose?.();
    expect(s.timers.size).toBe(0);
    expect(s.told).toEqual([]);
  });

  test("ignores what an old socket still says", () => {
    const s = scene();
    s.link.start();
    const old = s.sockets[0]?.onmessage;
    s.sockets[0]?.onclose?.();
    s.fire(250);
    old?.({ data: JSON.stringify(hello("old", 1, true)) });
    expect(s.told).toEqual(["down null"]);
  });
});
