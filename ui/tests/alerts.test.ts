import { describe, expect, test } from "vitest";
import { queueOf, sounding } from "../src/alerts/order";
import { alert } from "./made";

const NOW = Date.parse("2026-11-23T02:00:00Z");
const who = { me: "hana", now_ms: NOW, wordsOf: () => "" };
const all = new Set(["emergency", "warning", "notice"] as const);
const ids = (alerts: { alert_id: string }[]): string[] => alerts.map((a) => a.alert_id);
const sos = (of: Parameters<typeof alert>[0]) => alert({ rule: "distress", severity: "emergency", facts: { kind: "sos" }, ...of });

describe("the alert queue", () => {
  test("has distress on top, then severity, then what nobody acknowledged, then the newest", () => {
    const alerts = [
      alert({ alert_id: "notice", severity: "notice" }),
      alert({ alert_id: "old", started_at: "2026-11-23T00:10:00Z" }),
      alert({ alert_id: "acknowledged", acknowledged_at: "2026-11-23T01:50:00Z", started_at: "2026-11-23T01:40:00Z" }),
      alert({ alert_id: "new", started_at: "2026-11-23T01:30:00Z" }),
      alert({ alert_id: "delay", rule: "distress", severity: "notice" }),
      sos({ alert_id: "sos" }),
    ];
    expect(ids(queueOf(alerts, { show: "open", severities: all, text: "" }, who))).toEqual([
      "sos", "delay", "new", "old", "acknowledged", "notice",
    ]);
  });

  test("keeps an alert whose cause ended until a person closes it", () => {
    const alerts = [alert({ alert_id: "ended", ended_at: "2026-11-23T01:10:00Z" }), alert({ alert_id: "closed", closed_at: "2026-11-23T01:10:00Z" })];
    expect(ids(queueOf(alerts, { show: "open", severities: all, text: "" }, who))).toEqual(["ended"]);
    expect(ids(queueOf(alerts, { show: "closed", severities: all, text: "" }, who))).toEqual(["closed"]);
  });

  test("brings a snoozed alert back when its time is over", () => {
    const alerts = [alert({ alert_id: "later", snoozed_until: "2026-11-23T02:00:01Z" }), alert({ alert_id: "over", snoozed_until: "2026-11-23T01:59:59Z" })];
    expect(ids(queueOf(alerts, { show: "open", severities: all, text: "" }, who))).toEqual(["over"]);
    expect(ids(queueOf(alerts, { show: "snoozed", severities: all, text: "" }, who))).toEqual(["later"]);
  });

  test("never hides a distress call by a snooze", () => {
    const alerts = [sos({ alert_id: "sos", snoozed_until: "2026-11-23T05:00:00Z" })];
    expect(ids(queueOf(alerts, { show: "open", severities: all, text: "" }, who))).toEqual(["sos"]);
  });

  test("filters by owner and by words", () => {
    const alerts = [alert({ alert_id: "mine", owner: "hana" }), alert({ alert_id: "other", owner: "ali" })];
    expect(ids(queueOf(alerts, { show: "mine", severities: all, text: "" }, who))).toEqual(["mine"]);
    const words = { ...who, wordsOf: (a: { alert_id: string }) => `${a.alert_id} BASALT` };
    expect(ids(queueOf(alerts, { show: "open", severities: all, text: "other bas" }, words))).toEqual(["other"]);
  });
});

describe("the distress sound", () => {
  test("sounds until somebody acknowledges, even when the cause ended", () => {
    expect(sounding([sos({ ended_at: "2026-11-23T01:00:30Z" })])).toHaveLength(1);
    expect(sounding([sos({ acknowledged_at: "2026-11-23T01:00:30Z" })])).toEqual([]);
    expect(sounding([sos({ closed_at: "2026-11-23T01:00:30Z" })])).toEqual([]);
  });

  test("is never made for a silent call, whatever the hub's word for true", () => {
    for (const silent of [true, 1, "true", "yes", "1"]) expect(sounding([sos({ facts: { kind: "sos", silent } })])).toEqual([]);
    expect(sounding([sos({ facts: { kind: "sos", silent: 0 } })])).toHaveLength(1);
  });

  test("is not made for warnings", () => {
    expect(sounding([alert({})])).toEqual([]);
  });
});
