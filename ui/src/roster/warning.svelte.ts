/** How many days before a paper's end the hub warns: its settings, read once a page. */
import { get } from "../api/client";
import { SHIPPED_DAYS } from "./expiry";

export const warning = $state({ days: SHIPPED_DAYS });

/** Read the settings; who may not read them keeps the shipped number. */
export function readWarning(): void {
  void get<{ settings: { permit_warning_days: number } }>("/api/settings/movement").then(
    (answer) => (warning.days = answer.settings.permit_warning_days),
    () => null,
  );
}
