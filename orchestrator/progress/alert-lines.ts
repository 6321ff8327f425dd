/** Lines about alerts: of a storm a few a second, and how many more there were. */
export interface AlertLines {
  /** Shows it now, or counts it. */
  alert(show: () => void): void;
  /** Says what is counted and not said yet; later calls do nothing. */
  end(): void;
}

/** @param more shows how many alerts came beside the ones that were shown */
export function createAlertLines(more: (count: number) => void, now: () => number): AlertLines {
  let since = Number.NEGATIVE_INFINITY;
  let shown = 0;
  let held = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer = undefined;
    if (held > 0) more(held);
    held = 0;
  };
  return {
    alert(show) {
      if (timer === undefined && now() - since >= A_SECOND_MS) {
        since = now();
        shown = 0;
      }
      if (timer === undefined && shown < SHOWN_A_SECOND) {
        shown += 1;
        show();
        return;
      }
      held += 1;
      timer ??= setTimeout(tell, A_SECOND_MS).unref();
    },
    end() {
      clearTimeout(timer);
      tell();
    },
  };
}

const A_SECOND_MS = 1_000;
const SHOWN_A_SECOND = 3;
