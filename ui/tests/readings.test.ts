import { expect, test } from "vitest";
import { readingText } from "../src/convoys/readings";

test("readings are shown in the units that people use", () => {
  const shown = (
    [["battery_ratio", 0.254], ["odometer_m", 12_550], ["engine_s", 5_400], ["fuel_m3", 0.12], ["signal_dbm", -71], ["power_v", 12.34],
      ["temperature_c", 41.6], ["fix_age_s", 7], ["satellites", 9], ["hdop", 0.94]] as const
  ).map(([name, value]) => readingText(name, value));
  expect(shown).toEqual(["25 %", "12.6 km", "1.5 h", "120 l", "-71 dBm", "12.3 V", "42 °C", "7 s", "9", "0.9"]);
});
