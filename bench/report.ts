export interface Measured {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of CPU of the measured process for each message, where it can be told apart. */
  readonly cpu?: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** Figures of one run from the latency of each message, in milliseconds. */
export const measured = (latencies: number[], seconds: number, cpuMicros?: number): Measured => {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return {
    perSecond: latencies.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    ...(cpuMicros !== undefined && { cpu: cpuMicros / latencies.length }),
  };
};

/** Prints one line a peer: the median of its runs, the spread, and the ratio to the first peer. */
export const printTable = (title: string, peers: ReadonlyMap<string, readonly Measured[]>): void => {
  console.log(`\n${title}`);
  let reference: number | undefined;
  for (const [name, runs] of peers) {
    const rates = runs.map((run) => run.perSecond);
    const rate = median(rates);
    reference ??= rate;
    const spread = `${whole(Math.min(...rates))}..${whole(Math.max(...rates))}`;
    const cpu =
      runs[0]?.cpu === undefined ? '' : `  server CPU ${median(runs.map((run) => run.cpu!)).toFixed(1)} us/msg`;
    const latency = `p50 ${median(runs.map((run) => run.p50)).toFixed(2)} ms  p99 ${median(runs.map((run) => run.p99)).toFixed(2)} ms`;
    console.log(
      `  ${name.padEnd(44)} ${whole(rate).padStart(9)}/s  x ${(rate / reference).toFixed(2)}  (${spread})  ${latency}${cpu}`,
    );
  }
};

const whole = (n: number): string => Math.round(n).toLocaleString('en');
