/** Whether the hub says that this centre is locked: then nothing but the page of orders is shown. */

import { whenLocked } from "../api/client";

export const lock = $state({ locked: false });

whenLocked(() => (lock.locked = true));
